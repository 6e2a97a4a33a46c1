// The wall: W goes in and out of meeting mode.
document.addEventListener("keydown", (event) => {
  if (event.key !== "w" || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  if (document.querySelector("dialog[open]")) return;
  document.querySelector("[data-wall]")?.click();
});

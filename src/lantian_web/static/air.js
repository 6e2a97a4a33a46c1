// A choice that is an address: go there.
document.addEventListener("change", (event) => {
  const chosen = event.target.closest("select[data-go]");
  if (chosen) window.location.assign(chosen.value);
});

// Parts that every page has: keys, the help sheet, the marker that scripts run. No state of its own.
document.documentElement.classList.add("js");

const typing = (target) => target.closest("input, textarea, select, [contenteditable]") !== null;

document.addEventListener("DOMContentLoaded", () => {
  const help = document.getElementById("keys");
  document.querySelectorAll("[data-open-keys]").forEach((b) => b.addEventListener("click", () => help.showModal()));
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape" && typing(event.target)) return event.target.blur();
    if (typing(event.target) || (help && help.open)) return;
    if (event.key === "?" && help) return help.showModal();
    if (event.key === "/") {
      const find = document.querySelector(".find input");
      if (find) { event.preventDefault(); find.focus(); }
      return;
    }
    if (event.key === "Escape") {
      const back = document.querySelector("[data-back]");
      if (back) back.click();
      return;
    }
    const scope = document.querySelector(".q.sel") || document;
    const key = event.key.toLowerCase();
    const button = scope.querySelector(`[data-key="${CSS.escape(key)}"]`) || document.querySelector(`main [data-key="${CSS.escape(key)}"]`);
    if (button && !button.disabled) { event.preventDefault(); button.focus(); button.click(); }
  });
  document.querySelectorAll("input[data-every]").forEach((every) => {
    every.addEventListener("change", () => document.querySelectorAll(`input[type="checkbox"][form="${every.dataset.every}"]`).forEach((box) => { box.checked = every.checked; }));
  });
  document.querySelectorAll("select[data-now]").forEach((select) => {
    select.addEventListener("change", () => select.form.requestSubmit());
  });
});

// Chart colours come from the tokens, so that day and night need no second list.
window.token = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

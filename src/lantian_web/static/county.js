// Copying a reply, and a usual answer put into the field where it can be changed.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const said = button.parentElement.querySelector("p");
  const text = said.innerText.trim();
  try { await navigator.clipboard.writeText(text); button.textContent = "✓"; } catch {
    const range = document.createRange();
    range.selectNodeContents(said);
    const selection = getSelection();
    selection.removeAllRanges();
    selection.addRange(range);
    if (document.execCommand("copy")) button.textContent = "✓";
  }
});
document.addEventListener("change", (event) => {
  const select = event.target.closest("select[data-fill]");
  if (!select || !select.value) return;
  const field = select.form.elements[select.dataset.fill];
  field.value = select.value;
  select.value = "";
  field.focus();
});

// Puts a figure's name into the text where the cursor is. Without this script the names can be copied.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-insert]");
  const box = button && document.getElementById(button.closest("[data-insert-into]").dataset.insertInto);
  if (!box) return;
  box.focus();
  box.setRangeText(button.dataset.insert, box.selectionStart, box.selectionEnd, "end");
  box.dispatchEvent(new Event("input", { bubbles: true }));
});

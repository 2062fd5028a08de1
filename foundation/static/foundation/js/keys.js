/* The desk by keyboard. Any element may take a key:  <a data-key="n">,  <input data-key="/">,  <button data-key="d" data-key-words="派工">.
   J and K walk the rows ([data-row], each with a link). Those with words are listed in the help dialog.
   One key alone can get in the way of voice control, so the keys can be switched off (WCAG 2.1.4). */

const dialog = document.getElementById("keys");
const SWITCH = "cityhall.keys";
const keysAreOn = () => localStorage.getItem(SWITCH) !== "off";

const typing = (target) => target.closest?.("input:not([type=checkbox], [type=radio], [type=button]), textarea, select, [contenteditable=true]");

function walk(step) {
  const rows = [...document.querySelectorAll("[data-row]")];
  if (!rows.length) return;
  const here = rows.findIndex((row) => row.contains(document.activeElement));
  const marked = rows.findIndex((row) => row.querySelector("[aria-current]"));
  const from = here >= 0 ? here : marked;
  const next = from < 0 ? (step > 0 ? 0 : rows.length - 1) : Math.min(rows.length - 1, Math.max(0, from + step));
  const link = rows[next].querySelector("a");
  link?.focus();
  rows[next].scrollIntoView({ block: "nearest" });
}

function help() {
  const list = dialog?.querySelector("dl");
  if (!list || dialog.open) return;
  for (const old of list.querySelectorAll("[data-added]")) old.remove();
  for (const element of document.querySelectorAll("[data-key][data-key-words]")) {
    const line = document.createElement("div");
    line.dataset.added = "";
    const key = document.createElement("kbd");
    key.textContent = element.dataset.key.toUpperCase();
    const term = document.createElement("dt");
    term.append(key);
    const words = document.createElement("dd");
    words.textContent = element.dataset.keyWords;
    line.append(term, words);
    list.append(line);
  }
  dialog.showModal();
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.key === "Escape" && typing(event.target)) return event.target.blur();
  if (typing(event.target) || document.querySelector("dialog[open]") || !keysAreOn()) return;
  const key = event.key.toLowerCase();
  if (key === "?") help();
  else if (key === "j") walk(1);
  else if (key === "k") walk(-1);
  else {
    const element = [...document.querySelectorAll("[data-key]")].find((each) => each.dataset.key === key && each.offsetParent);
    if (!element) return;
    if (element.matches("input, select, textarea")) {
      element.focus();
      element.select?.();
    } else element.click();
  }
  event.preventDefault();
});

document.addEventListener("click", (event) => {
  if (event.target.closest?.("[data-keys-help]")) help();
});

const box = dialog?.querySelector("[data-keys-switch]");
if (box) {
  box.checked = keysAreOn();
  box.addEventListener("change", () => localStorage.setItem(SWITCH, box.checked ? "on" : "off"));
}

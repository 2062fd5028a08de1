/* What any page gains from a script. Everything works without it. */

// The error summary takes the focus, so that it is the first thing read; its links put the label in sight, not only the box.
document.querySelector("[data-focus]")?.focus();

document.addEventListener("click", (event) => {
  const link = event.target.closest?.(".error-summary a[href^='#']");
  if (!link) return;
  const input = document.getElementById(link.hash.slice(1));
  if (!input) return;
  event.preventDefault();
  const heading = input.closest("fieldset")?.querySelector("legend") ?? document.querySelector(`label[for="${CSS.escape(input.id)}"]`);
  (heading ?? input).scrollIntoView();
  input.focus({ preventScroll: true });
});

// Sent once: a second press within a few seconds is a slip of the hand. Coming back to the page frees the form again.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  if (Date.now() - Number(form.dataset.sentAt ?? 0) < 3000) event.preventDefault();
  else form.dataset.sentAt = Date.now();
});
window.addEventListener("pageshow", () => {
  for (const form of document.forms) delete form.dataset.sentAt;
});

// How much may still be written. Counted as the server counts: characters, a line break as two.
function count(box) {
  const text = box.querySelector("textarea");
  const words = box.querySelector(".count");
  if (!text || !words) return;
  const left = Number(box.dataset.count) - [...text.value.replaceAll("\n", "\r\n")].length;
  words.textContent = (left < 0 ? box.dataset.over : box.dataset.left).replace("{n}", Math.abs(left).toLocaleString());
  words.classList.toggle("count-over", left < 0);
}
document.addEventListener("input", (event) => {
  const box = event.target.closest?.("[data-count]");
  if (box) count(box);
});
document.querySelectorAll("[data-count]").forEach((box) => box.querySelector("textarea")?.value && count(box));

// Menus close when the attention goes elsewhere.
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll(".nav-person[open], .nav-phone[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = document.activeElement?.closest?.(".nav-person[open], .nav-phone[open]");
  if (menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

document.addEventListener("click", (event) => {
  if (event.target.closest?.("[data-print]")) window.print();
});

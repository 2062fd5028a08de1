/* Rectangles over a photo, by pointer and keyboard. The number fields are what is sent; this keeps both in step, and
   without it they do the work alone. All in per cent of the picture. */
const form = document.querySelector("[data-cover]");
const svg = form.querySelector("svg");
const SIDES = ["x", "y", "width", "height"];
const rows = () => [...form.querySelectorAll("[data-region-row]")];
const field = (row, name) => row.querySelector(`[name="${name}"]`);
const round = (value) => Math.round(value * 10) / 10;
const clamp = (value, least, most) => Math.min(most, Math.max(least, value));
const read = (row) => SIDES.map((name) => parseFloat(field(row, name).value));

svg.removeAttribute("aria-hidden");
svg.setAttribute("role", "group");
svg.setAttribute("aria-label", form.querySelector("legend").textContent);

/** Draw what the fields say. */
function draw() {
  const focused = document.activeElement?.dataset?.row;
  svg.replaceChildren();
  rows().forEach((row, n) => {
    const sides = read(row);
    if (!field(row, "keep").checked || sides.some(Number.isNaN) || !(sides[2] > 0 && sides[3] > 0)) return;
    const rect = document.createElementNS("http://www.w3.org/2000/svg", "rect");
    SIDES.forEach((name, i) => rect.setAttribute(name, sides[i]));
    rect.dataset.row = n;
    rect.setAttribute("tabindex", "0");
    rect.setAttribute("role", "img");
    rect.setAttribute("aria-label", form.dataset.region.replace("{n}", n + 1));
    svg.append(rect);
    if (focused === String(n)) rect.focus();
  });
}

function write(row, [x, y, width, height]) {
  width = clamp(width, 0.5, 100);
  height = clamp(height, 0.5, 100);
  [clamp(x, 0, 100 - width), clamp(y, 0, 100 - height), width, height].forEach((value, i) => {
    field(row, SIDES[i]).value = round(value);
  });
}

/** The first row without numbers; a new one where all have some. */
function emptyRow() {
  const found = rows().find((row) => SIDES.every((name) => !field(row, name).value));
  if (found) return found;
  const last = rows().at(-1);
  const row = last.cloneNode(true);
  SIDES.forEach((name) => (field(row, name).value = ""));
  field(row, "what").value = "hand";
  field(row, "keep").value = rows().length;
  row.querySelectorAll(".cover-keep, .unseen").forEach((label) => {
    label.childNodes.forEach((node) => {
      if (node.nodeType === Node.TEXT_NODE && node.textContent.trim()) {
        node.textContent = form.dataset.region.replace("{n}", rows().length + 1) + " ";
      }
    });
  });
  row.querySelector(".cover-keep .quiet").textContent = "";
  last.after(row);
  return row;
}

const at = (event) => {
  const box = svg.getBoundingClientRect();
  return [((event.clientX - box.left) / box.width) * 100, ((event.clientY - box.top) / box.height) * 100];
};

let drag = null;
svg.addEventListener("pointerdown", (event) => {
  const [x, y] = at(event);
  const rect = event.target.closest("rect");
  const row = rect ? rows()[rect.dataset.row] : emptyRow();
  drag = { row, x, y, from: rect ? read(row) : null };
  field(row, "keep").checked = true;
  svg.setPointerCapture(event.pointerId);
  event.preventDefault();
});
svg.addEventListener("pointermove", (event) => {
  if (!drag) return;
  const [x, y] = at(event).map((value) => clamp(value, 0, 100));
  if (drag.from) {
    const [left, top, width, height] = drag.from;
    write(drag.row, [left + x - drag.x, top + y - drag.y, width, height]);
  } else {
    write(drag.row, [Math.min(x, drag.x), Math.min(y, drag.y), Math.abs(x - drag.x), Math.abs(y - drag.y)]);
  }
  draw();
});
svg.addEventListener("pointerup", () => {
  if (!drag) return;
  const n = rows().indexOf(drag.row);
  drag = null;
  svg.querySelector(`[data-row="${n}"]`)?.focus();
});

svg.addEventListener("keydown", (event) => {
  const rect = event.target.closest("rect");
  if (!rect) return;
  const row = rows()[rect.dataset.row];
  if (event.key === "Delete" || event.key === "Backspace") {
    SIDES.forEach((name) => (field(row, name).value = ""));
    field(row, "x").focus();
  } else {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (!step) return;
    const [x, y, width, height] = read(row);
    const [dx, dy] = step;
    write(row, event.shiftKey ? [x, y, width + dx, height + dy] : [x + dx, y + dy, width, height]);
  }
  event.preventDefault();
  event.stopPropagation();
  draw();
});
form.addEventListener("input", draw);
draw();

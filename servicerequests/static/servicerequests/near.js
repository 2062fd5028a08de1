/* While the place is chosen: what stands open there already. Without this script the next page shows the same. */

const draft = document.querySelector("[data-draft]");
const point = document.querySelector("#id_point");
const shown = document.querySelector("[data-near]");
let waiting = 0;
let last = "";

async function look() {
  const place = point.value.trim();
  if (place === last) return;
  last = place;
  const body = new URLSearchParams({ draft: draft.value, point: place, csrfmiddlewaretoken: draft.form.csrfmiddlewaretoken.value });
  const answer = await fetch(shown.dataset.near, { method: "POST", body }).catch(() => null);
  if (last !== place) return; // another place was chosen meanwhile
  shown.innerHTML = answer?.status === 200 ? await answer.text() : "";
  shown.hidden = !shown.innerHTML;
}

const soon = () => {
  window.clearTimeout(waiting);
  waiting = window.setTimeout(look, 300);
};
document.addEventListener("map:picked", soon);
point?.addEventListener("input", soon);
if (point?.value) soon();

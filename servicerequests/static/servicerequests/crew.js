/* The crew's pages with and without a net.

   With a net the phone keeps today's jobs (crew/today.json): pages, forms, pictures, and throws away what is no longer named there.
   What waits in the outbox is shown on the job that it is about, and the next verb takes the place of the one that waits. */

const STORE = "crew-pages";
const MARKS = "/crew/today.json";
const person = document.querySelector("[data-outbox]")?.dataset.person;

/** Make the store hold exactly what the city hall names; of jobs that have not changed nothing is fetched again. */
async function keep() {
  const answer = await fetch(MARKS, { headers: { Accept: "application/json" } });
  if (!answer.ok || answer.redirected) return;
  const told = answer.clone();
  const today = await answer.json();
  const store = await caches.open(STORE);
  const before = await (await store.match(MARKS, { ignoreVary: true }))?.json();
  const same = before?.person === today.person;
  if (!same) for (const old of await store.keys()) await store.delete(old);
  const marks = new Map((same ? before.jobs : []).map((job) => [job.pages[0], job.mark]));
  const wanted = new Set([MARKS, ...today.pages, ...today.jobs.flatMap((job) => job.pages)]);
  for (const old of await store.keys()) if (!wanted.has(new URL(old.url).pathname)) await store.delete(old, { ignoreVary: true });
  const stale = today.jobs.filter((job) => marks.get(job.pages[0]) !== job.mark).flatMap((job) => job.pages);
  for (const address of [...today.pages, ...stale]) {
    const page = await fetch(address);
    if (page.ok && !page.redirected) await store.put(address, page);
  }
  // Last, so that a phone that loses the net half way begins again.
  await store.put(MARKS, told);
  document.documentElement.dataset.kept = today.jobs.length;
}

const verbOf = (post) => post.url.match(/\/crew\/jobs\/(\d+)\/(\w+)\/$/) ?? [];
const template = document.querySelector("[data-waits-words]");

/** Show on each job what waits of it, and what can be done after that. */
function overlay(posts) {
  for (const job of document.querySelectorAll("[data-job]")) {
    // What was refused is not under way: it is still to be done, and its form has in it what was kept.
    const mine = posts.filter((post) => verbOf(post)[1] === job.dataset.job && post.state !== "refused");
    const line = job.querySelector("[data-job-waits]");
    const pattern = mine.some((post) => post.state) ? template.dataset.stuck : template.content.textContent;
    const text = mine.length ? pattern.replace("{verbs}", mine.map((post) => post.label).join(template.dataset.between)) : "";
    if (line.textContent !== text) line.textContent = text;
    line.hidden = !mine.length;
    const last = mine.map((post) => verbOf(post)[2]).filter((verb) => verb !== "photos" && verb !== "note").at(-1);
    const place = job.querySelector("[data-job-next]");
    if (!place || !last || place.dataset.after === last) continue;
    place.dataset.after = last;
    const following = job.querySelector(`template[data-after="${last}"]`);
    place.replaceChildren(...(following ? [following.content.cloneNode(true)] : []));
    // Each showing of a form is a report of its own.
    for (const key of place.querySelectorAll("input[name=idempotency_key]")) if (self.crypto.randomUUID) key.value = crypto.randomUUID();
  }
}

/** A form that was opened to be mended, or comes back refused, has in it what was kept, pictures too. */
async function mend() {
  const id = new URLSearchParams(window.location.search).get("waiting");
  const form = document.querySelector("form[data-offline]");
  const here = (post) => post.state === "refused" && new URL(post.url).pathname === window.location.pathname;
  const post = form && (await self.outbox.all()).find((one) => one.person === person && (id ? String(one.id) === id : here(one)));
  if (!post) return;
  form.dataset.waiting = post.id;
  const files = new Map();
  for (const [name, value] of post.entries) {
    if (value instanceof File) {
      if (value.size) files.set(name, [...(files.get(name) ?? []), value]);
      continue;
    }
    if (["csrfmiddlewaretoken", "seen", "person"].includes(name)) continue;
    for (const input of form.querySelectorAll(`[name="${CSS.escape(name)}"]`)) {
      if (input.type === "radio" || input.type === "checkbox") input.checked = input.value === value;
      else input.value = value;
    }
  }
  for (const [name, chosen] of files) {
    const input = form.querySelector(`input[type=file][name="${CSS.escape(name)}"]`);
    const transfer = new DataTransfer();
    for (const file of chosen) transfer.items.add(file);
    input.files = transfer.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  }
}

document.addEventListener("outbox:changed", ({ detail }) => overlay(detail));
document.addEventListener("outbox:sent", () => document.querySelector("[data-job]") && window.location.reload());
if (self.outbox) {
  overlay((await self.outbox.all()).filter((post) => post.person === person));
  await mend();
}
if ("caches" in self && navigator.onLine && person) keep().catch(() => {});

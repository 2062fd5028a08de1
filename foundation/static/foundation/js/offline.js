/* The crew's outbox (outbox.js) in the page: a form with data-offline is kept in the phone when the net is gone, and sent when it is back.

   <form method="post" data-offline="完成" data-offline-about="路面坑洞 四維三路 2 號" data-offline-next="/crew/"> with a hidden idempotency_key,
   so that sent twice is done once.
   The bar [data-outbox] says how many wait; after a page has changed what waits it says so by the event outbox:decided. What waits belongs to the person who is signed in (data-person). */

const bar = document.querySelector("[data-outbox]");
const { outbox } = self;
const MOST = 60; // what one phone keeps

const waiting = async () => (await outbox.all()).filter((post) => post.person === bar.dataset.person);
const words = (template, number) => template.replace("{n}", number.toLocaleString());
/** What a post is about: the thing whose verbs must keep their order. */
const groupOf = (url) => new URL(url, window.location.href).pathname.replace(/[^/]+\/$/, "");

async function show(sending = 0) {
  const posts = await waiting();
  const stuck = posts.filter((post) => post.state);
  const held = new Set(stuck.map((post) => post.group)); // what is behind one of these waits for a decision, not for the net
  const due = posts.filter((post) => !post.state && !held.has(post.group)).length;
  const line = bar.querySelector("[data-outbox-words]");
  bar.classList.toggle("outbox-refused", stuck.length > 0);
  const said = [];
  if (!navigator.onLine) said.push(bar.dataset.offlineText);
  if (sending) said.push(words(bar.dataset.sendingText, sending));
  else if (due) said.push(words(bar.dataset.waitingText, due));
  if (stuck.length) said.push(words(bar.dataset.refusedText, stuck.length));
  const text = said.join(" · ");
  if (line.dataset.said !== text) {
    // Only news is put into the live region, so that a screen reader does not say the same twice.
    line.dataset.said = text;
    line.replaceChildren(text);
    if (posts.length && bar.dataset.page) {
      const open = document.createElement("a");
      open.href = bar.dataset.page;
      open.textContent = bar.dataset.openText;
      line.append(" ", open);
    }
  }
  bar.hidden = said.length === 0;
  document.dispatchEvent(new CustomEvent("outbox:changed", { detail: posts }));
}

async function flush() {
  const before = (await waiting()).length;
  const left = await outbox.flush(bar.dataset.person, show);
  await show();
  if (left === 0 && (await waiting()).length < before) document.dispatchEvent(new CustomEvent("outbox:sent"));
}

/** Ask the browser to send when the net is back, even if this page is gone by then (Background Sync, where there is). */
async function later() {
  const registration = await navigator.serviceWorker?.getRegistration().catch(() => null); // the page may be closing
  await registration?.sync?.register("outbox").catch(() => {});
}

/** A key for this showing of the form: a page that comes out of the phone's store carries an old one. */
const renew = (form) => {
  const key = form.querySelector("input[name=idempotency_key]");
  if (key && self.crypto.randomUUID) key.value = crypto.randomUUID();
};

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!("offline" in form.dataset) || event.defaultPrevented) return;
  event.preventDefault();
  // When it happened, not when the net came back.
  for (const input of form.querySelectorAll("input[data-now]")) input.value = new Date().toISOString();
  const entries = [...new FormData(form, event.submitter)];
  const address = new URL(event.submitter?.getAttribute("formaction") ?? form.action, window.location.href);
  address.search = ""; // which only this page asks: a form that is being mended
  const url = address.href;
  const group = groupOf(url);
  const key = new Map(entries).get("idempotency_key");
  const posts = await waiting();
  // The same form sent again, or one opened to be mended, takes the place of what was kept.
  const before = posts.find((post) => (key && post.key === key) || String(post.id) === form.dataset.waiting);
  const label = form.dataset.offline || document.title;
  const about = form.dataset.offlineAbout ?? "";
  const post = { url, entries, key, group, label, about, page: window.location.href, person: bar.dataset.person, at: Date.now(), ...(before && { id: before.id }) };
  post.token = new Map(entries).get("csrfmiddlewaretoken");
  // What comes after something that still waits, waits behind it.
  const behind = posts.some((other) => other.group === group && other.id !== before?.id);
  form.setAttribute("aria-busy", "true");
  const { outcome, next, ...answer } = navigator.onLine && !behind ? await outbox.send(post) : { outcome: "later" };
  form.removeAttribute("aria-busy");
  if (outcome === "done") {
    if (before) await outbox.drop(before.id);
    return window.location.assign(next ?? form.dataset.offlineNext);
  }
  // Refused or changed meanwhile: sent once more in the ordinary way, so that the city hall's own page says why. Signed out: what
  // was written waits in the phone until they have signed in, for which the next page asks.
  if (outcome !== "later" && outcome !== "sign-in") {
    const pictures = entries.some(([, value]) => value instanceof File && value.size);
    // No page can have in it the pictures that were chosen: they stay in the phone, and the page takes them from there (crew.js).
    if (pictures && form.dataset.mends) form.action = `${url}?waiting=${await outbox.put({ ...post, state: outcome, answer })}`;
    else if (before) await outbox.drop(before.id);
    return HTMLFormElement.prototype.submit.call(form);
  }
  if (!before && posts.length >= MOST) return bar.querySelector("[data-outbox-words]").replaceChildren(bar.dataset.fullText);
  await outbox.put(post);
  await show();
  form.dispatchEvent(new CustomEvent("outbox:kept", { bubbles: true }));
  later();
  if (form.dataset.offlineNext) window.location.assign(form.dataset.offlineNext);
  else if (navigator.onLine) flush();
});

if (bar) {
  document.querySelectorAll("form[data-offline]").forEach(renew);
  window.addEventListener("pageshow", (event) => event.persisted && document.querySelectorAll("form[data-offline]").forEach(renew));
  window.addEventListener("online", flush);
  document.addEventListener("outbox:decided", () => show());
  window.addEventListener("offline", () => show());
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && flush());
  outbox.news?.addEventListener("message", () => show());
  setInterval(flush, 30_000);
  await show();
  if (navigator.onLine) flush();
}

if (bar?.dataset.worker && "serviceWorker" in navigator) {
  navigator.serviceWorker.register(bar.dataset.worker, { scope: bar.dataset.scope }).catch(() => {});
}

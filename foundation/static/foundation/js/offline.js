/* The crew's outbox: a form with data-offline is kept in the phone when the net is gone, and sent when it is back.

   <form method="post" data-offline="路面坑洞　完成" data-offline-next="/crew/"> with a hidden idempotency_key, so that sent twice is done once.
   The bar [data-outbox] says how many wait. What waits belongs to the person who is signed in (data-person). */

const bar = document.querySelector("[data-outbox]");
const STORE = "posts";

function database() {
  return new Promise((done, failed) => {
    const request = indexedDB.open("cityhall-outbox", 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: "id", autoIncrement: true });
    request.onsuccess = () => done(request.result);
    request.onerror = () => failed(request.error);
  });
}

async function store(mode, work) {
  const base = await database();
  try {
    return await new Promise((done, failed) => {
      const transaction = base.transaction(STORE, mode, { durability: "strict" });
      const request = work(transaction.objectStore(STORE));
      transaction.oncomplete = () => done(request.result);
      transaction.onerror = transaction.onabort = () => failed(transaction.error);
    });
  } finally {
    base.close();
  }
}

const waiting = async () => (await store("readonly", (posts) => posts.getAll())).filter((post) => post.person === bar.dataset.person);
const cookie = (name) => document.cookie.split("; ").find((part) => part.startsWith(`${name}=`))?.slice(name.length + 1) ?? "";

/** One try to post. "done" with the address it led to, "refused" by the city hall, "sign-in" wanted, or "later" (no net, or too busy). */
async function post(url, entries) {
  const body = new FormData();
  for (const [name, value] of entries) if (name !== "csrfmiddlewaretoken") body.append(name, value);
  let answer;
  try {
    answer = await fetch(url, { method: "POST", body, headers: { "X-CSRFToken": cookie("csrftoken") }, signal: AbortSignal.timeout(60_000) });
  } catch {
    return { outcome: "later" };
  }
  if (answer.redirected) {
    const path = new URL(answer.url).pathname;
    return path.startsWith("/sign-in/") ? { outcome: "sign-in" } : { outcome: "done", url: answer.url };
  }
  if (answer.status >= 500 || answer.status === 429) return { outcome: "later" };
  return { outcome: answer.status === 204 ? "done" : "refused" };
}

const words = (template, number) => template.replace("{n}", number.toLocaleString());

async function show(sending = 0) {
  const posts = await waiting();
  const refused = posts.filter((one) => one.refused);
  const line = bar.querySelector("[data-outbox-words]");
  bar.classList.toggle("outbox-refused", refused.length > 0);
  const said = [];
  if (!navigator.onLine) said.push(bar.dataset.offlineText);
  if (sending) said.push(words(bar.dataset.sendingText, sending));
  else if (posts.length > refused.length) said.push(words(bar.dataset.waitingText, posts.length - refused.length));
  if (refused.length) said.push(words(bar.dataset.refusedText, refused.length));
  line.replaceChildren(said.join(" · "));
  for (const one of refused) {
    const open = document.createElement("a");
    open.href = one.page;
    open.textContent = one.label;
    const drop = document.createElement("button");
    drop.type = "button";
    drop.className = "button button-quiet";
    drop.textContent = bar.dataset.dropText;
    drop.setAttribute("aria-label", `${bar.dataset.dropText} ${one.label}`);
    drop.addEventListener("click", async () => {
      await store("readwrite", (box) => box.delete(one.id));
      show();
    });
    line.append(" ", open, " ", drop);
  }
  bar.hidden = said.length === 0;
}

/** Send what waits, oldest first, in one tab only. Stops at the first that must wait, so that the order holds. */
async function flush() {
  await navigator.locks.request("cityhall-outbox", { ifAvailable: true }, async (lock) => {
    if (!lock) return;
    const posts = (await waiting()).filter((one) => !one.refused);
    let left = posts.length;
    for (const one of posts) {
      await show(left);
      const { outcome } = await post(one.url, one.entries);
      if (outcome === "done") await store("readwrite", (box) => box.delete(one.id));
      else if (outcome === "refused") await store("readwrite", (box) => box.put({ ...one, refused: true }));
      else break;
      left -= 1;
    }
    await show();
    if (posts.length && left === 0) document.dispatchEvent(new CustomEvent("outbox:sent"));
  });
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!("offline" in form.dataset) || event.defaultPrevented) return;
  event.preventDefault();
  // When it happened, not when the net came back.
  for (const input of form.querySelectorAll("input[data-now]")) input.value = new Date().toISOString();
  const entries = [...new FormData(form, event.submitter)];
  const url = event.submitter?.getAttribute("formaction") ?? form.action;
  form.setAttribute("aria-busy", "true");
  const { outcome, url: next } = navigator.onLine ? await post(url, entries) : { outcome: "later" };
  form.removeAttribute("aria-busy");
  if (outcome === "done") return window.location.assign(next ?? form.dataset.offlineNext);
  // Refused or signed out: sent once more in the ordinary way, so that the city hall's own page says why.
  if (outcome !== "later") return HTMLFormElement.prototype.submit.call(form);
  const label = form.dataset.offline || document.title;
  const key = new Map(entries).get("idempotency_key");
  // The same form sent again takes the place of what it sent before.
  const before = key && (await waiting()).find((one) => one.key === key);
  const kept = { url, entries, key, label, page: window.location.href, person: bar.dataset.person, at: Date.now(), ...(before && { id: before.id }) };
  await store("readwrite", (box) => box.put(kept));
  await show();
  form.dispatchEvent(new CustomEvent("outbox:kept", { bubbles: true }));
  if (form.dataset.offlineNext) window.location.assign(form.dataset.offlineNext);
});

if (bar) {
  window.addEventListener("online", flush);
  window.addEventListener("offline", () => show());
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && flush());
  setInterval(flush, 30_000);
  await show();
  if (navigator.onLine) flush();
}

if (bar?.dataset.worker && "serviceWorker" in navigator) {
  navigator.serviceWorker.register(bar.dataset.worker, { scope: bar.dataset.scope }).catch(() => {});
  // Pages kept in the phone show addresses: they go when the person signs out.
  document.addEventListener("submit", (event) => {
    if (new URL(event.target.action).pathname === "/sign-out/") caches.delete("pages");
  });
}

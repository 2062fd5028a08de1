/* The one-stop app: what only the phone knows. Reports that are not sent yet, with their photos; numbers and codes that its owner asked
   it to remember; whether it was started as an installed app. Everything else works as pages, without this script. */

const KEPT = "cityhall-kept";
const KEPT_PAGES = ["/app/", "/app/draft/", "/app/notices/"];
const MOST_DRAFTS = 10;
const MOST_KEPT = 30;
const installed = window.matchMedia("(display-mode: standalone)").matches || navigator.standalone === true;

// -- Drafts, in the phone's database

async function drafts(mode, work) {
  const base = await new Promise((done, failed) => {
    const request = indexedDB.open("cityhall-drafts", 1);
    request.onupgradeneeded = () => request.result.createObjectStore("drafts", { keyPath: "id" });
    request.onsuccess = () => done(request.result);
    request.onerror = () => failed(request.error);
  });
  try {
    return await new Promise((done, failed) => {
      const transaction = base.transaction("drafts", mode, { durability: "strict" });
      const request = work(transaction.objectStore("drafts"));
      transaction.oncomplete = () => done(request.result);
      transaction.onerror = transaction.onabort = () => failed(transaction.error);
    });
  } finally {
    base.close();
  }
}

const element = (name, text, attributes = {}) => Object.assign(document.createElement(name), { textContent: text, ...attributes });

// -- Numbers and codes that the phone remembers

const remembered = () => {
  try {
    return JSON.parse(localStorage.getItem(KEPT)) ?? [];
  } catch {
    return [];
  }
};
const remember = (one) => {
  localStorage.setItem(KEPT, JSON.stringify([one, ...remembered().filter(({ number }) => number !== one.number)].slice(0, MOST_KEPT)));
  document.dispatchEvent(new CustomEvent("cityhall:remembered", { detail: one }));
};
const forget = (number) => localStorage.setItem(KEPT, JSON.stringify(remembered().filter((one) => one.number !== number)));

function listKept() {
  const box = document.querySelector("[data-kept-cases]");
  if (!box) return;
  const all = remembered();
  box.hidden = !all.length;
  box.querySelector("[data-list]").replaceChildren(
    ...all.map(({ number, code, kind }) => {
      const item = element("li", "");
      const address = `${box.dataset.track}${encodeURIComponent(number)}/${code ? `${encodeURIComponent(code)}/` : ""}`;
      const drop = element("button", box.dataset.wordsDrop, { type: "button", className: "button button-quiet" });
      drop.setAttribute("aria-label", `${box.dataset.wordsDrop} ${number}`);
      drop.addEventListener("click", () => (forget(number), listKept()));
      const line = element("div", "", { className: "buttons" });
      line.append(drop);
      item.append(element("a", `${kind} ${number}`, { href: address }), line);
      return item;
    }),
  );
}

async function listDrafts() {
  const box = document.querySelector("[data-drafts]");
  if (!box) return;
  const all = await drafts("readonly", (store) => store.getAll());
  box.hidden = !all.length;
  box.querySelector("[data-list]").replaceChildren(
    ...all.map((draft) => {
      const said = new Map(draft.entries.filter(([, value]) => typeof value === "string"));
      const photos = draft.entries.filter(([, value]) => value instanceof File && value.size).length;
      const item = element("li", "");
      const facts = [new Date(draft.at).toLocaleString(document.documentElement.lang, { dateStyle: "short", timeStyle: "short" }), photos ? box.dataset.wordsPhotos.replace("{n}", photos) : "", said.get("description")?.slice(0, 60)];
      const open = element("a", box.dataset.wordsOpen, { href: `${box.dataset.draftAddress}?draft=${draft.id}`, className: "button" });
      const drop = element("button", box.dataset.wordsDrop, { type: "button", className: "button button-quiet" });
      drop.addEventListener("click", async () => {
        if (!drop.dataset.sure) {
          drop.dataset.sure = "yes";
          drop.textContent = box.dataset.wordsSure;
          return;
        }
        await drafts("readwrite", (store) => store.delete(draft.id));
        listDrafts();
      });
      const line = element("div", "", { className: "buttons" });
      line.append(open, drop);
      item.append(element("b", draft.label), element("small", facts.filter(Boolean).join(" · ")), line);
      return item;
    }),
  );
}

// -- The page on which a report is begun

const form = document.querySelector("[data-draft-form]");

/** Put a kept draft into the form again, photos included. */
function fill(draft) {
  const files = new DataTransfer();
  for (const [name, value] of draft.entries) {
    if (value instanceof File) {
      if (value.size) files.items.add(value);
    } else if (!["csrfmiddlewaretoken", "app"].includes(name) && form.elements[name]) form.elements[name].value = value;
  }
  const input = form.querySelector("input[type=file]");
  input.files = files.files;
  if (files.files.length) input.dispatchEvent(new Event("change", { bubbles: true }));
}

async function onDraftPage() {
  const submission = form.querySelector("[data-submission]");
  const id = new URLSearchParams(window.location.search).get("draft");
  const kept = id && (await drafts("readonly", (store) => store.get(id)));
  if (kept) fill(kept);
  else if (!submission.value && crypto.randomUUID) submission.value = crypto.randomUUID();
  const button = form.querySelector("button[data-words-offline]");
  const online = button.textContent;
  const name = () => (button.textContent = navigator.onLine ? online : button.dataset.wordsOffline);
  for (const news of ["online", "offline"]) window.addEventListener(news, name);
  name();
  const problem = form.querySelector("[data-draft-problem]");
  const tell = (words) => Object.assign(problem, { textContent: words, hidden: false });
  form.addEventListener("submit", async (event) => {
    if (form.dataset.kept || !submission.value) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    problem.hidden = true;
    if (!navigator.onLine && !form.elements.kind.value) {
      tell(problem.dataset.wordsKind);
      return form.elements.kind.focus();
    }
    const entries = [...new FormData(form)];
    const label = form.elements.kind.selectedOptions[0]?.textContent ?? "";
    const before = await drafts("readonly", (store) => store.getAllKeys());
    // Kept before it is sent: a net that fails half way loses nothing. It goes when the city hall has given it a number.
    const room = before.includes(submission.value) || before.length < MOST_DRAFTS;
    if (room && form.elements.kind.value) await drafts("readwrite", (store) => store.put({ id: submission.value, label, entries, at: Date.now() }));
    if (!navigator.onLine) return room ? window.location.assign(form.dataset.home) : tell(problem.dataset.wordsFull.replace("{n}", before.length));
    // The token of a page out of the phone's store may be old; the cookie's is not.
    const token = document.cookie.match(/(?:^|; )(?:__Host-)?csrftoken=([^;]+)/)?.[1];
    if (token) form.elements.csrfmiddlewaretoken.value = token;
    form.dataset.kept = "yes";
    HTMLFormElement.prototype.submit.call(form);
  });
  window.addEventListener("pageshow", () => delete form.dataset.kept);
  const here = form.querySelector("[data-here]");
  const words = form.querySelector("[data-here-words]");
  here.addEventListener("click", () => {
    words.textContent = here.dataset.asking;
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        form.querySelector("[data-point]").value = `${coords.latitude.toFixed(6)}, ${coords.longitude.toFixed(6)}`;
        words.textContent = here.dataset.found;
      },
      () => (words.textContent = here.dataset.lost),
      { enableHighAccuracy: true, timeout: 15_000 },
    );
  });
}

// -- The page that says that a report was received

const sent = document.querySelector("[data-sent]");
if (sent) {
  if (sent.dataset.sent) drafts("readwrite", (store) => store.delete(sent.dataset.sent)).catch(() => {});
  const { number, code, kind } = sent.dataset;
  const keep = sent.querySelector("[data-keep]");
  sent.hidden = false;
  const done = () => {
    remember({ number, code, kind });
    keep.hidden = true;
    sent.querySelector("[data-kept-words]").hidden = false;
  };
  keep.addEventListener("click", done);
}

// -- What every page of the app does

if (installed) for (const seal of document.querySelectorAll("[data-app]")) seal.disabled = false;

const offline = document.querySelector("[data-app-offline]");
if (offline) {
  const tell = () => (offline.hidden = navigator.onLine);
  for (const news of ["online", "offline"]) window.addEventListener(news, tell);
  tell();
  // Without a net the way to a report leads to the page that the phone has.
  document.querySelector("form:has([data-app]):not([data-draft-form])")?.addEventListener("submit", (event) => {
    if (navigator.onLine) return;
    event.preventDefault();
    window.location.assign(document.querySelector("[data-drafts]").dataset.draftAddress);
  });
  // A page that the phone does not have would be the browser's own page about the net, with no way back in an installed app.
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    if (navigator.onLine || !link || link.protocol === "tel:" || KEPT_PAGES.includes(link.pathname)) return;
    event.preventDefault();
    offline.querySelector("[data-app-away]").hidden = false;
    offline.scrollIntoView({ block: "center" });
  });
}

for (const button of document.querySelectorAll("[data-follow]")) {
  const number = button.dataset.follow;
  button.hidden = remembered().some((one) => one.number === number);
  button.nextElementSibling.hidden = !button.hidden;
  button.addEventListener("click", () => {
    remember({ number, kind: button.dataset.kind });
    button.hidden = true;
    button.nextElementSibling.hidden = false;
  });
}

document.querySelector("[data-nearby]")?.addEventListener("click", ({ currentTarget }) => {
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => window.location.assign(`${currentTarget.dataset.nearby}?lon=${coords.longitude.toFixed(5)}&lat=${coords.latitude.toFixed(5)}`),
    () => document.querySelector("select[name=district]").focus(),
    { timeout: 10_000 },
  );
});

window.addEventListener("beforeinstallprompt", (event) => {
  const button = document.querySelector("[data-install]");
  if (!button) return;
  event.preventDefault();
  button.hidden = false;
  button.addEventListener("click", () => event.prompt(), { once: true });
});

const { appWorker } = document.body.dataset;
if (appWorker && "serviceWorker" in navigator) {
  navigator.serviceWorker.register(appWorker).catch(() => {});
  // The pages that are wanted without a net, before it is gone.
  if (navigator.onLine && "caches" in window)
    caches.open("app-pages").then((store) => Promise.all(KEPT_PAGES.map((page) => store.add(page)))).then(() => (document.documentElement.dataset.kept = "yes"), () => {});
}

listKept();
await listDrafts();
if (form) await onDraftPage();

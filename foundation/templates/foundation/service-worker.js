/* The crew's pages without a net: what was seen last, else a page that says so. Posts are not touched here (offline.js keeps them). */
const FILES = "files-{{ release }}";
const PAGES = "pages";
const KEPT = {{ kept|safe }};

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(FILES).then((cache) => cache.addAll(KEPT)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const old = (name) => name !== FILES && name !== PAGES;
  event.waitUntil(
    caches.keys().then((names) => Promise.all(names.filter(old).map((name) => caches.delete(name)))).then(() => self.clients.claim()),
  );
});

async function page(request) {
  try {
    const answer = await fetch(request, { signal: AbortSignal.timeout(8000) });
    // Only the crew's own pages are kept, and only as they should look: no error page, no sign-in page.
    if (answer.ok && !answer.redirected) (await caches.open(PAGES)).put(request, answer.clone());
    return answer;
  } catch {
    return (await caches.match(request, { cacheName: PAGES })) ?? (await caches.match("/offline/"));
  }
}

async function file(request) {
  return (await caches.match(request, { cacheName: FILES })) ?? fetch(request);
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (request.mode === "navigate") event.respondWith(page(request));
  else if (KEPT.includes(url.pathname)) event.respondWith(file(request));
});

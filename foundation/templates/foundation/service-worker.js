/* The pages of {{ name }} without a net: what was kept, else a page that says so. Posts are not touched here; what waits in the outbox
   is sent when the browser says that the net is back, even if no page is open. */
{% if outbox %}importScripts({{ outbox|safe }});
{% endif %}
const FILES = "{{ name }}-files-{{ release }}";
const PAGES = "{{ name }}-pages";
const KEPT = {{ kept|safe }};
const OFFLINE = {{ offline|safe }};

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(FILES).then((cache) => cache.addAll(KEPT)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const old = (name) => name.startsWith("{{ name }}-") && name !== FILES && name !== PAGES;
  event.waitUntil(
    caches.keys().then((names) => Promise.all(names.filter(old).map((name) => caches.delete(name)))).then(() => self.clients.claim()),
  );
});

const kept = (request, search) => caches.match(request, { cacheName: PAGES, ignoreVary: true, ignoreSearch: search });

async function page(request) {
  try {
    const answer = await fetch(request, { signal: AbortSignal.timeout(8000) });
    if (answer.status < 500) {
      // Only what should be kept and only as it should look: no error page, no sign-in page, no search.
      if (answer.ok && !answer.redirected && !new URL(request.url).search) (await caches.open(PAGES)).put(request, answer.clone());
      return answer;
    }
    return (await kept(request, true)) ?? answer;
  } catch {
    return (await kept(request, true)) ?? (await caches.match(OFFLINE, { cacheName: FILES }));
  }
}

async function file(request) {
  return (await caches.match(request, { cacheName: FILES, ignoreVary: true })) ?? (await kept(request, false)) ?? fetch(request);
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (request.mode === "navigate") event.respondWith(page(request));
  else if (KEPT.includes(url.pathname) || request.destination === "image" || url.pathname.startsWith("/geo/")) event.respondWith(file(request));
});
{% if outbox %}
self.addEventListener("sync", (event) => {
  if (event.tag !== "outbox") return;
  // Thrown, so that the browser tries again by and by.
  event.waitUntil(self.outbox.flush().then((left) => left && Promise.reject(new Error(`${left} still wait`))));
});
{% endif %}
{% if pushed %}
// A push (messages/channels/push.py): each is shown, as browsers ask; one that cannot be read says at least that there is something.
self.addEventListener("push", (event) => {
  let told = {};
  try {
    told = event.data.json();
  } catch {
    // no words in it
  }
  const { title = self.location.hostname, body = "", tag = "", url = "", lang = "" } = told;
  event.waitUntil(self.registration.showNotification(title, { body, tag, lang, icon: {{ icon|safe }}, data: { url } }));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const page = URL.canParse(event.notification.data?.url) ? new URL(event.notification.data.url) : null;
  event.waitUntil(self.clients.openWindow(page?.origin === self.location.origin ? page.href : {{ pushed|safe }}));
});
{% endif %}

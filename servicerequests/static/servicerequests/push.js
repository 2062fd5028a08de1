/* News of cases on this device: asks the browser for a subscription (W3C Push API) and tells the city hall which cases it is for.

   <form data-push="/track/D111-1/CODE/push/" data-number="D111-1" data-key data-worker data-words-...>: of one case; on the app's own page
   data-push is empty, and it is for all cases that this phone remembers (app.js), those to come included. Without a script, or in a browser
   that cannot, the form stays hidden. */

const KEPT = "cityhall-kept"; // as in app.js
const TOLD = "cityhall-push"; // the numbers that this device has news of; "*" for all that it remembers
const able = "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;

const read = (name) => {
  try {
    return JSON.parse(localStorage.getItem(name)) ?? [];
  } catch {
    return [];
  }
};
const told = () => (Notification.permission === "granted" ? read(TOLD) : []);
const write = (numbers) => localStorage.setItem(TOLD, JSON.stringify([...new Set(numbers)].slice(-100)));

const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (character) => character.charCodeAt(0));
const same = (one, other) => one?.byteLength === other.byteLength && new Uint8Array(one).every((byte, at) => byte === other[at]);

/** The worker of the app, wherever the page lies, once it runs. */
async function running(address) {
  const registration = await navigator.serviceWorker.register(address);
  const coming = registration.installing ?? registration.waiting;
  if (!registration.active && coming)
    await new Promise((done) => coming.addEventListener("statechange", () => coming.state === "activated" && done()));
  return registration;
}

async function subscription({ worker, key }) {
  const { pushManager } = await running(worker);
  const applicationServerKey = bytes(key);
  const known = await pushManager.getSubscription();
  if (known && same(known.options?.applicationServerKey, applicationServerKey)) return known;
  await known?.unsubscribe(); // made with a key that the city hall has no more
  return pushManager.subscribe({ userVisibleOnly: true, applicationServerKey });
}

async function send(form, address, method, body) {
  // The token of a page out of the phone's store may be old; the cookie's is not.
  const token = document.cookie.match(/(?:^|; )(?:__Host-)?csrftoken=([^;]+)/)?.[1] ?? form.elements.csrfmiddlewaretoken.value;
  const answer = await fetch(address, { method, body: JSON.stringify(body), headers: { "Content-Type": "application/json", "X-CSRFToken": token } });
  if (!answer.ok) throw new Error(`${answer.status}`);
}

/** The cases that a form is for: number and address. */
const casesOf = (form) =>
  form.dataset.push
    ? [{ number: form.dataset.number, address: form.dataset.push }]
    : read(KEPT).filter(({ code }) => code).map(({ number, code }) => ({ number, address: `${form.dataset.track}${encodeURIComponent(number)}/${encodeURIComponent(code)}/push/` }));

const nameOf = (form) => (form.dataset.push ? form.dataset.number : "*");

function show(form, problem) {
  const on = told().includes(nameOf(form));
  const denied = Notification.permission === "denied";
  const button = form.querySelector("button");
  button.hidden = denied;
  button.textContent = on ? form.dataset.wordsStop : form.dataset.wordsStart;
  form.querySelector("[data-push-words]").textContent = denied ? form.dataset.wordsDenied : problem ? form.dataset.wordsFailed : on ? form.dataset.wordsOn : "";
  form.dataset.on = on ? "yes" : "";
}

async function start(form) {
  if ((await Notification.requestPermission()) !== "granted") return;
  const device = (await subscription(form.dataset)).toJSON();
  const done = [];
  try {
    for (const { number, address } of casesOf(form)) {
      await send(form, address, "POST", device);
      done.push(number);
    }
    if (!form.dataset.push) done.push("*");
  } finally {
    write([...told(), ...done]);
  }
}

async function stop(form) {
  const { pushManager } = await running(form.dataset.worker);
  const device = await pushManager.getSubscription();
  for (const { address } of device ? casesOf(form) : []) await send(form, address, "DELETE", { endpoint: device.endpoint });
  const over = [nameOf(form), ...casesOf(form).map(({ number }) => number)];
  const left = told().filter((number) => !over.includes(number));
  write(left);
  if (!left.length) await device?.unsubscribe();
}

for (const form of able ? document.querySelectorAll("[data-push]") : []) {
  form.hidden = false;
  show(form);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    form.setAttribute("aria-busy", "true");
    const problem = await (form.dataset.on ? stop(form) : start(form)).then(() => false, () => true);
    form.removeAttribute("aria-busy");
    show(form, problem);
  });
}

// A case that the phone is asked to remember, where it has news of all of them.
document.addEventListener("cityhall:remembered", async ({ detail }) => {
  const form = document.querySelector("[data-push-new]");
  if (!able || !form || !detail.code || !told().includes("*")) return;
  const device = (await subscription(form.dataset)).toJSON();
  await send(form, `${form.dataset.track}${encodeURIComponent(detail.number)}/${encodeURIComponent(detail.code)}/push/`, "POST", device);
  write([...told(), detail.number]);
});

/* Whoever signs out leaves nothing in the phone: neither the pages that were kept nor what waits to be sent. If something waits, they
   are asked first; it would be lost. On every page of somebody who is signed in, for there is a way out on each. */

const ours = /^(crew|app)-pages$/;

async function forget() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => ours.test(name)).map((name) => caches.delete(name)));
  // Emptied first: where another tab still has it open, throwing it away must wait.
  await self.outbox?.clear();
  await new Promise((done) => {
    const request = indexedDB.deleteDatabase("cityhall-outbox");
    request.onsuccess = request.onerror = request.onblocked = done;
  });
}

/** How many posts wait; a database that is not there is not made by asking. */
async function waiting() {
  if (indexedDB.databases && !(await indexedDB.databases()).some(({ name }) => name === "cityhall-outbox")) return 0;
  return new Promise((done) => {
    const request = indexedDB.open("cityhall-outbox", 1);
    request.onupgradeneeded = () => request.result.createObjectStore("posts", { keyPath: "id", autoIncrement: true });
    request.onerror = () => done(0);
    request.onsuccess = () => {
      const count = request.result.transaction("posts").objectStore("posts").count();
      count.onsuccess = () => (request.result.close(), done(count.result));
      count.onerror = () => (request.result.close(), done(0));
    };
  });
}

const asked = (form) => form.querySelector("[data-leave-ask]") ?? document.querySelector("[data-leave-ask]");

/** Say how many wait; true where that is news to who reads it. */
function say(ask, left) {
  const news = ask.hidden || ask.dataset.said !== String(left);
  ask.dataset.said = left;
  ask.hidden = !left;
  if (news) ask.querySelector("[data-leave-words]").textContent = ask.dataset.words.replace("{n}", left.toLocaleString());
  return news;
}

/** What was said is no longer so: some of it has been sent meanwhile, or more has come. */
async function recount() {
  const ask = document.querySelector("[data-leave-ask]:not([hidden])");
  if (ask) say(ask, await waiting().catch(() => 0));
}
document.addEventListener("outbox:changed", recount);
if ("BroadcastChannel" in self) new BroadcastChannel("cityhall-outbox").addEventListener("message", recount);

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (event.defaultPrevented || new URL(form.action).pathname !== "/sign-out/" || !window.isSecureContext) return;
  event.preventDefault();
  const left = await waiting().catch(() => 0);
  const ask = asked(form);
  // Whoever has agreed to lose two has not agreed to lose three.
  if (left && ask && say(ask, left)) {
    delete form.dataset.sentAt;
    return ask.focus();
  }
  await forget().catch(() => {});
  HTMLFormElement.prototype.submit.call(form);
});

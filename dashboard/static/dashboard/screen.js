/* A board on a wall: fetches itself every minute and changes what it shows; says how old the numbers are and when the net is gone.
   Once an hour, when the net answers, the whole page is loaded anew, so that a screen that stands for weeks follows new versions. */

const MINUTE = 60_000;
const born = Date.now();
const by = (id) => document.getElementById(id);

function tell() {
  const age = by("age");
  const minutes = Math.max(0, Math.floor((Date.now() - Date.parse(by("screen").dataset.at)) / MINUTE));
  const hours = Math.floor(minutes / 60);
  age.textContent = minutes < 2 ? age.dataset.now : hours ? age.dataset.hours.replace("{n}", hours) : age.dataset.minutes.replace("{n}", minutes);
}

async function renew() {
  try {
    const answer = await fetch(location.href, { cache: "no-store", signal: AbortSignal.timeout(MINUTE / 2) });
    if (!answer.ok) throw new Error(answer.status);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById("screen");
    if (!fresh) throw new Error("no board");
    if (Date.now() - born > 60 * MINUTE) return location.reload();
    by("screen").replaceWith(document.adoptNode(fresh));
  } catch {
    by("gone").hidden = false;
  }
  tell();
}

tell();
setInterval(renew, MINUTE);
setInterval(tell, MINUTE / 6);
addEventListener("online", renew);

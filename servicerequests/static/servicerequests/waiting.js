/* What this phone has not sent: each with what was written, and where the city hall has something else, with that beside it. The crew
   decides: send it all the same, leave it as a note for the unit, mend it, or throw it away (pressed twice). */

const { outbox } = self;
const place = document.querySelector("[data-waiting]");
const pattern = document.querySelector("template[data-item]");
const person = document.querySelector("[data-outbox]").dataset.person;
const terms = [...document.querySelectorAll("[data-words] dt")];
const words = Object.fromEntries(terms.map((term) => [term.textContent, term.nextElementSibling.textContent]));
const HIDDEN = new Set(["csrfmiddlewaretoken", "idempotency_key", "happened_at", "seen", "person"]);

/** A moment as the page's language writes it: of today or yesterday, so without the year. */
const moment = (at) => new Intl.DateTimeFormat(document.documentElement.lang, { month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: "Asia/Taipei" }).format(new Date(at));

/** What was written, without what only machines read. */
function said(post, list, pictures) {
  for (const [name, value] of post.entries) {
    if (HIDDEN.has(name) || value === "") continue;
    if (value instanceof File) {
      if (!value.size) continue;
      const item = document.createElement("li");
      const picture = document.createElement("img");
      picture.alt = value.name;
      picture.src = URL.createObjectURL(value);
      picture.addEventListener("load", () => URL.revokeObjectURL(picture.src));
      item.append(picture);
      pictures.append(item);
      continue;
    }
    const term = document.createElement("dt");
    const words_ = document.createElement("dd");
    term.textContent = words[name] ?? name.replace(/^used_/, "");
    words_.textContent = words[value] ?? value;
    list.append(term, words_);
  }
}

/** The same report on the strength of what the city hall has now. */
async function again(post) {
  const entries = post.entries.map(([name, value]) => [name, name === "seen" ? String(post.answer.now.seen) : value]);
  const { state: _state, answer: _answer, ...rest } = post;
  await outbox.put({ ...rest, entries });
}

/** What can no longer be reported, as a note: the words, the time, the pictures, and what it was meant to say. */
async function note(post) {
  const given = new Map(post.entries.filter(([, value]) => !(value instanceof File)));
  const at = moment(given.get("happened_at") || post.at);
  const used = post.entries.filter(([name, value]) => name.startsWith("used_") && value).map(([name, value]) => `${name.slice(5)} ${value}`);
  const text = [`${post.label}（${at}）`, given.get("text"), words[given.get("outcome")], ...used].filter(Boolean).join("\n");
  const key = crypto.randomUUID();
  const kept = post.entries.filter(([name, value]) => (name === "photos" && value.size) || name === "person");
  const { state: _state, answer: _answer, ...rest } = post;
  const url = post.url.replace(/\w+\/$/, "note/");
  await outbox.put({ ...rest, url, key, entries: [...kept, ["text", text], ["idempotency_key", key]] });
}

function build(post, behind) {
  const item = pattern.content.cloneNode(true);
  const find = (name) => item.querySelector(`[data-${name}]`);
  find("label").textContent = post.label;
  find("about").textContent = post.about ?? "";
  find("at").textContent = moment(post.at);
  find("state").textContent = words[post.state ?? (behind ? "behind" : "waits")];
  said(post, find("said"), find("pictures"));
  if (!find("said").children.length && !find("pictures").children.length) find("mine").hidden = true;
  const now = post.answer?.now;
  if (now) {
    find("theirs").hidden = false;
    find("now-state").textContent = now.state;
    find("now-last").textContent = [now.who, now.what, now.at].filter(Boolean).join(" · ");
    find("now-crew").textContent = now.crew;
    find("now-crew").hidden = find("now-crew-label").hidden = !now.crew;
  }
  if (post.answer?.words) {
    find("problem").hidden = false;
    find("problem").textContent = post.answer.words;
  }
  const control = (what, shown, deed) => {
    const button = item.querySelector(`[data-do="${what}"]`);
    button.hidden = !shown;
    if (deed) button.addEventListener("click", () => deed(button));
    return button;
  };
  const then = (deed) => async () => {
    await deed(post);
    await show();
    await outbox.flush(person);
    await decided();
  };
  control("again", post.state === "conflict" && now?.possible, then(again));
  control("note", Boolean(post.state) && !/\/note\/$/.test(post.url), then(note));
  const verb = post.url.match(/\/(\w+)\/$/)?.[1];
  control("edit", post.state === "refused" && !["accept", "arrive"].includes(verb)).href = `${new URL(post.url).pathname}?waiting=${post.id}`;
  control("drop", true, async (button) => {
    if (!button.dataset.sure) {
      button.dataset.sure = "yes";
      button.textContent = words.sure;
      return;
    }
    await outbox.drop(post.id);
    await decided();
  });
  return item;
}

/** What is left is shown, and the bar (offline.js) says it too. */
async function decided() {
  await show();
  document.dispatchEvent(new CustomEvent("outbox:decided"));
}

let shown = "";
async function show() {
  const posts = (await outbox.all()).filter((post) => post.person === person);
  const now = JSON.stringify(posts.map(({ id, state, key, answer }) => [id, state, key, answer]));
  if (now === shown) return;
  const before = shown;
  shown = now;
  const held = new Set();
  place.replaceChildren(
    ...posts.map((post) => {
      const item = build(post, held.has(post.group));
      if (post.state) held.add(post.group);
      return item;
    }),
  );
  const line = document.querySelector("[data-waiting-words]");
  if (posts.length) line.textContent = place.dataset.wordsCount.replace("{n}", posts.length.toLocaleString());
  else if (before) line.textContent = place.dataset.wordsNone;
}

document.addEventListener("outbox:changed", show);
await show();

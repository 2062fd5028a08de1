/* What waits in the phone for the net: a box of posts, sent oldest first, each once. A plain script, for pages and service workers alike.

   A post: { id, url, entries, key, group, label, page, person, token, at, state?, answer? }. `group` is what it is about: when one of a
   group is refused or meets a conflict, those behind it wait until a person has decided. `state` is "refused" or "conflict" then, and
   `answer` what the city hall said. Nothing leaves the box but what the city hall has taken, and what a person throws away. */

self.outbox = (() => {
  const NAME = "cityhall-outbox";
  const STORE = "posts";
  const news = "BroadcastChannel" in self ? new BroadcastChannel(NAME) : null;

  function database() {
    return new Promise((done, failed) => {
      const request = indexedDB.open(NAME, 1);
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

  const all = () => store("readonly", (posts) => posts.getAll());
  const put = (post) => store("readwrite", (posts) => posts.put(post));
  const drop = (id) => store("readwrite", (posts) => posts.delete(id));
  const clear = () => store("readwrite", (posts) => posts.clear());
  const cookie = (name) => (self.document?.cookie ?? "").split("; ").find((part) => part.startsWith(`${name}=`))?.slice(name.length + 1);

  /** One try to post. `outcome`: "done" with the address it leads to (`next`), "refused", "conflict", "sign-in" wanted, or "later" (no net, too busy). */
  async function send(post) {
    const body = new FormData();
    for (const [name, value] of post.entries) if (name !== "csrfmiddlewaretoken") body.append(name, value);
    const headers = { Accept: "application/json", "X-CSRFToken": cookie("__Host-csrftoken") ?? cookie("csrftoken") ?? post.token ?? "" };
    let answer;
    try {
      answer = await fetch(post.url, { method: "POST", body, headers, signal: AbortSignal.timeout(60_000) });
    } catch {
      return { outcome: "later" };
    }
    if (answer.redirected) return new URL(answer.url).pathname.startsWith("/sign-in/") ? { outcome: "sign-in" } : { outcome: "done", next: answer.url };
    if (answer.status >= 500 || answer.status === 429) return { outcome: "later" };
    const said = await answer.json().catch(() => ({}));
    if (answer.status === 409) return { ...said, outcome: "conflict" };
    // Without words of its own a 403 is the guard against forged posts: the page's token is old, or somebody else has signed in.
    if (said.outcome === "other_person" || (answer.status === 403 && !said.outcome)) return { outcome: "sign-in" };
    return { ...said, outcome: answer.ok ? "done" : "refused" };
  }

  /** Send what waits (of one person, where the page knows whom), in one tab or worker at a time. Returns how many still wait for the net.
      A page leaves it to whoever is at it; a worker waits its turn, since it is woken once, and a page that is at it may be closing. */
  async function flush(person, tell = () => {}) {
    return navigator.locks.request(NAME, { ifAvailable: "document" in self }, async (lock) => {
      if (!lock) return 0;
      const posts = (await all()).filter((post) => person === undefined || post.person === person);
      const held = new Set(posts.filter((post) => post.state).map((post) => post.group ?? post.id));
      const left = posts.filter((post) => !post.state && !held.has(post.group));
      const due = left.length;
      while (left.length) {
        await tell(left.length);
        const post = left.shift();
        if (held.has(post.group)) continue;
        const { outcome, ...answer } = await send(post);
        if (outcome === "done") await drop(post.id);
        else if (outcome === "refused" || outcome === "conflict") {
          await put({ ...post, state: outcome, answer });
          held.add(post.group ?? post.id);
        } else {
          left.unshift(post);
          break; // so that the order holds
        }
      }
      news?.postMessage({ sent: due - left.length });
      return left.length;
    });
  }

  return { all, put, drop, clear, send, flush, news, NAME };
})();

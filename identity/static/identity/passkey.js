/* Passkeys (W3C Web Authentication). The question is fetched when it is needed, the answer goes back in the form.

   <form data-passkey="get" or "create" data-question="/address/" [data-conditional]> <input type=hidden name=answer>
     <button hidden> <p data-failed hidden> [<p data-without>] </form>

   data-conditional: the browser offers passkeys in the box for the name as well, without a press of the button. */

const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const withIds = (list) => list?.map((entry) => ({ ...entry, id: bytes(entry.id) }));
const RENEW = 240_000; // milliseconds: the server takes an answer for five minutes

let before = Promise.resolve(); // one question after the other: the first may begin the session that keeps them

function question(form) {
  return (before = before.catch(() => {}).then(() => fetched(form)));
}

async function fetched(form) {
  const body = new FormData();
  body.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
  const reply = await fetch(form.dataset.question, { method: "POST", body });
  if (!reply.ok) throw new Error(`question: ${reply.status}`);
  const options = await reply.json();
  options.challenge = bytes(options.challenge);
  if (options.user) options.user.id = bytes(options.user.id);
  if (options.excludeCredentials) options.excludeCredentials = withIds(options.excludeCredentials);
  if (options.allowCredentials) options.allowCredentials = withIds(options.allowCredentials);
  return options;
}

/** The credential as JSON, as WebAuthn level 3 has it; written out, for browsers that have no toJSON yet. */
function spoken(credential) {
  const response = {};
  for (const part of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"])
    if (credential.response[part]) response[part] = text(credential.response[part]);
  return { id: credential.id, rawId: text(credential.rawId), type: credential.type, response, clientExtensionResults: {} };
}

function answer(form, credential) {
  form.elements.answer.value = JSON.stringify(spoken(credential));
  form.dataset.answered = "";
  form.requestSubmit();
}

let waiting; // the question that the browser shows in the box for the name

async function offerInBox(form) {
  waiting?.abort();
  const mine = (waiting = new AbortController());
  const renew = setTimeout(() => offerInBox(form), RENEW);
  try {
    const publicKey = await question(form);
    answer(form, await navigator.credentials.get({ publicKey, mediation: "conditional", signal: mine.signal }));
  } catch (error) {
    if (error.name !== "AbortError") console.info(error.message);
  } finally {
    if (mine.signal.aborted) clearTimeout(renew);
  }
}

async function ask(form) {
  const failed = form.querySelector("[data-failed]");
  failed.hidden = true;
  waiting?.abort();
  try {
    const publicKey = await question(form);
    answer(form, await navigator.credentials[form.dataset.passkey]({ publicKey }));
  } catch (error) {
    console.info(error.message);
    failed.hidden = false;
  }
}

if (window.PublicKeyCredential) {
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    const button = form.querySelector("button");
    button.hidden = false;
    form.querySelector("[data-without]")?.remove();
    form.addEventListener("submit", (event) => {
      const nameless = form.elements.name?.value.trim() === ""; // the server says so
      if ("answered" in form.dataset || nameless) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      ask(form);
    });
    if ("conditional" in form.dataset && (await PublicKeyCredential.isConditionalMediationAvailable?.())) offerInBox(form);
  }
}

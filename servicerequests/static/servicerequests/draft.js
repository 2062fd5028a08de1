/* The link to the other language would leave the page with what is typed in it. Here the page sends itself along and comes back in
   the other language, with everything. Without this script the browser's Back button leads to what was typed. */

const draft = document.querySelector("[data-draft]");

for (const link of document.querySelectorAll("a[hreflang]")) {
  link.addEventListener("click", async (event) => {
    event.preventDefault();
    try {
      await fetch(link.href, { redirect: "manual" });
    } catch {
      return;
    }
    const stay = document.createElement("input");
    Object.assign(stay, { type: "hidden", name: "go", value: "stay" });
    draft.form.append(stay);
    draft.form.action = draft.dataset.draft;
    draft.form.submit();
  });
}

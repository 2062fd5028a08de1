/* Photos before they are sent: seen, made smaller, taken out again. Without this the plain file box does the work.

   <div data-files data-remove="移除" data-shrink="2048"> <input type=file> <ul class="files-chosen"></ul> </div> */

const SMALL_ENOUGH = 1_000_000; // bytes: below this a photo is sent as it is

/** The photo at most `side` px wide or high as JPEG, upright and without position data; the file itself where that fails. */
async function shrunk(file, side) {
  if (!/^image\/(jpeg|png|webp|heic|heif)$/.test(file.type)) return file;
  let picture;
  try {
    picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  } catch {
    return file; // a kind this browser cannot read: the server decides
  }
  const scale = Math.min(1, side / Math.max(picture.width, picture.height));
  if (scale === 1 && file.size <= SMALL_ENOUGH) return picture.close(), file;
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(picture.width * scale);
  canvas.height = Math.round(picture.height * scale);
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.86));
  if (!blob || blob.size >= file.size) return file;
  return new File([blob], file.name.replace(/\.\w+$/, "") + ".jpg", { type: "image/jpeg", lastModified: file.lastModified });
}

const sizeOf = (bytes) => (bytes < 1_000_000 ? `${Math.max(1, Math.round(bytes / 1000))} KB` : `${(bytes / 1e6).toFixed(1)} MB`);

/** The files kept so far in each box: choosing again adds, as people expect of a phone. */
const kept = new WeakMap();

function show(box, input) {
  const list = box.querySelector(".files-chosen");
  for (const picture of list.querySelectorAll("img")) URL.revokeObjectURL(picture.src);
  list.replaceChildren(
    ...kept.get(input).map((file, index) => {
      const item = document.createElement("li");
      if (file.type.startsWith("image/")) {
        const picture = document.createElement("img");
        picture.alt = "";
        picture.src = URL.createObjectURL(file);
        picture.addEventListener("error", () => picture.remove());
        item.append(picture);
      }
      const name = document.createElement("span");
      name.className = "name";
      name.textContent = file.name;
      const size = document.createElement("small");
      size.textContent = sizeOf(file.size);
      const remove = document.createElement("button");
      remove.type = "button";
      remove.className = "button button-quiet";
      remove.textContent = box.dataset.remove;
      remove.setAttribute("aria-label", `${box.dataset.remove} ${file.name}`);
      remove.addEventListener("click", () => {
        put(box, input, kept.get(input).filter((_, place) => place !== index));
        (list.querySelectorAll("button")[Math.max(0, index - 1)] ?? input).focus();
      });
      item.append(name, size, remove);
      return item;
    }),
  );
}

function put(box, input, files) {
  const transfer = new DataTransfer();
  for (const file of files) transfer.items.add(file);
  kept.set(input, files);
  input.files = transfer.files;
  show(box, input);
}

document.addEventListener("change", async (event) => {
  const input = event.target;
  const box = input.closest?.("[data-files]");
  if (!box || input.type !== "file") return;
  const chosen = [...input.files];
  const before = input.multiple ? (kept.get(input) ?? []) : [];
  const most = Number(input.dataset.max) || Infinity;
  put(box, input, [...before, ...chosen].slice(0, most));
  box.setAttribute("aria-busy", "true");
  const side = Number(box.dataset.shrink) || 2048;
  const smaller = new Map(await Promise.all(chosen.map(async (file) => [file, await shrunk(file, side)])));
  // Meanwhile some may have been taken out and others added: only what is still there is exchanged.
  put(box, input, kept.get(input).map((file) => smaller.get(file) ?? file));
  box.removeAttribute("aria-busy");
});

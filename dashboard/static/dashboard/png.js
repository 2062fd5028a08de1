/* "Save as PNG": the chart's own SVG file, drawn on a canvas twice as large as it is, and handed over. */

const button = document.querySelector("[data-png]");
const link = document.querySelector("[data-file]");

async function save() {
  const image = new Image();
  image.src = link.href;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = image.naturalWidth * 2;
  canvas.height = image.naturalHeight * 2;
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  const file = await new Promise((done) => canvas.toBlob(done, "image/png"));
  const here = document.createElement("a");
  here.href = URL.createObjectURL(file);
  here.download = `${link.dataset.file}.png`;
  here.click();
  setTimeout(() => URL.revokeObjectURL(here.href), 10_000);
}

button?.addEventListener("click", async () => {
  try {
    await save();
  } catch {
    button.replaceWith(button.dataset.failed);
  }
});

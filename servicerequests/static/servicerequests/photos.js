/* Where a photo was taken, read before the photo is made smaller and loses it. It goes along in a hidden field; the server asks
   whether to use it. Without this script the server reads what the photo itself still says. */

const HEAD = 256 * 1024; // the EXIF part stands at the beginning

/** Longitude and latitude of a JPEG's EXIF part, or null. */
function position(buffer) {
  const bytes = new DataView(buffer);
  if (bytes.byteLength < 4 || bytes.getUint16(0) !== 0xffd8) return null;
  for (let at = 2; at + 4 < bytes.byteLength; at += 2 + bytes.getUint16(at + 2)) {
    const mark = bytes.getUint16(at);
    if (mark === 0xffe1 && bytes.getUint32(at + 4) === 0x45786966) return fromTiff(new DataView(buffer, at + 10));
    if (mark < 0xffc0 || mark === 0xffda) return null;
  }
  return null;
}

function fromTiff(tiff) {
  const little = tiff.getUint16(0) === 0x4949;
  const number = (at) => tiff.getUint32(at, little);
  const entries = (directory) =>
    Array.from({ length: tiff.getUint16(directory, little) }, (_, index) => directory + 2 + index * 12).reduce((found, at) => found.set(tiff.getUint16(at, little), at), new Map());
  const gps = entries(number(4)).get(0x8825);
  if (gps === undefined) return null;
  const told = entries(number(gps + 8));
  const angle = (reference, value, letters) => {
    const sign = letters.indexOf(String.fromCharCode(tiff.getUint8(told.get(reference) + 8))) === 1 ? -1 : 1;
    const parts = number(told.get(value) + 8);
    const part = (index) => number(parts + index * 8) / number(parts + index * 8 + 4);
    return sign * (part(0) + part(1) / 60 + part(2) / 3600);
  };
  const lat = angle(1, 2, "NS");
  const lon = angle(3, 4, "EW");
  return Number.isFinite(lon) && Number.isFinite(lat) && (lon || lat) ? { lon, lat } : null;
}

const box = document.querySelector("[data-position]");
document.querySelector("[data-photos] input[type=file]")?.addEventListener("change", async (event) => {
  for (const file of [...event.target.files]) {
    try {
      const found = position(await file.slice(0, HEAD).arrayBuffer());
      if (found && !box.value) box.value = `${found.lat.toFixed(6)}, ${found.lon.toFixed(6)}`;
    } catch {
      // A photo without a readable EXIF part says nothing about its place.
    }
  }
});

/* The map and the text box of a place tell each other. What is sent is the box; without this script it is filled in by hand. */

const box = document.querySelector("#id_point");
const frame = document.querySelector("[data-map=pick]");

/** Longitude and latitude from "22.6273, 120.3014" in either order, or null; the server reads it the same way. */
function read(text) {
  const found = text.normalize("NFKC").trim().match(/^\(?\s*(-?\d{1,3}(?:\.\d+)?)\s*[,、 ]\s*(-?\d{1,3}(?:\.\d+)?)\s*\)?$/);
  if (!found) return null;
  const [first, second] = [Number(found[1]), Number(found[2])];
  const [lat, lon] = Math.abs(first) > 90 ? [second, first] : [first, second];
  return Math.abs(lat) > 90 || Math.abs(lon) > 180 ? null : { lon, lat };
}

frame?.addEventListener("map:picked", ({ detail }) => {
  box.value = `${detail.lat.toFixed(6)}, ${detail.lon.toFixed(6)}`;
});
box?.addEventListener("change", () => {
  const place = read(box.value);
  if (place) frame.dispatchEvent(new CustomEvent("map:put", { detail: place }));
});

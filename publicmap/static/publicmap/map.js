/* The public map (Leaflet). Cells and counts come by tile from the server; here they are only drawn.
   The address of the page keeps the filters, its #zoom/lat/lon where one looks: both together are a link to share. */

const L = window.L;
const STANDS = ["received", "working", "done", "history"];
const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
const SVG = "http://www.w3.org/2000/svg";

const frame = document.querySelector("[data-public-map]");
const asked = JSON.parse(document.getElementById(frame.dataset.publicMap).textContent);
const says = document.querySelector("[data-map-says]");
const words = (n) => frame.dataset.count.replace("{n}", n.toLocaleString());

function drawn(name, attributes, parent) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  parent?.append(element);
  return element;
}

/** The signs of publicmap/sign.html. */
function sign(stand) {
  const svg = drawn("svg", { class: `stand stand-${stand}`, viewBox: "0 0 16 16", "aria-hidden": "true" });
  if (stand === "received") drawn("path", { d: "M8 1.5 14.5 8 8 14.5 1.5 8z" }, svg);
  else if (stand === "working") drawn("circle", { cx: 8, cy: 8, r: 6 }, svg);
  else if (stand === "done") {
    drawn("rect", { x: 2, y: 2, width: 12, height: 12, rx: 1.5 }, svg);
    drawn("path", { class: "stand-mark", d: "M4.8 8.2 7 10.4l4.2-4.8" }, svg);
  } else drawn("path", { d: "M8 2 14.5 13.5h-13z" }, svg);
  return svg;
}

/** A ring whose arcs are the shares of the stands, with the number in it. */
function bubble(counts, total, size) {
  const svg = drawn("svg", { viewBox: "-20 -20 40 40", "aria-hidden": "true" });
  drawn("circle", { class: "cell-ground", r: 19 }, svg);
  const round = 2 * Math.PI * 16;
  let from = 0;
  STANDS.forEach((stand, index) => {
    if (!counts[index]) return;
    const share = (counts[index] / total) * round;
    drawn("circle", { class: `arc arc-${stand}`, r: 16, "stroke-dasharray": `${share} ${round - share}`, "stroke-dashoffset": -from, transform: "rotate(-90)" }, svg);
    from += share;
  });
  const text = drawn("text", { "font-size": total > 9999 ? 10 : 13 }, svg);
  text.textContent = total > 9999 ? `${Math.round(total / 1000)}k` : total;
  return svg;
}

function icon(counts, total) {
  const only = STANDS.find((_stand, index) => counts[index] === total);
  const size = total === 1 ? 22 : Math.round(34 + Math.min(18, 5 * Math.log10(total)));
  return L.divIcon({ html: total === 1 && only ? sign(only) : bubble(counts, total, size), className: "map-cell", iconSize: [size, size] });
}

const inWords = (counts, total) => `${words(total)}: ${STANDS.flatMap((stand, i) => (counts[i] ? [`${asked.stands[stand]} ${counts[i].toLocaleString()}`] : [])).join(", ")}`;

function list(cases, summary) {
  const box = document.createElement("div");
  const head = document.createElement("p");
  head.textContent = summary;
  const lines = document.createElement("ul");
  lines.className = "map-cases";
  for (const [number, kind, stand, day] of cases) {
    const link = document.createElement("a");
    link.href = asked.track.replace("/-/", `/${number}/`);
    link.textContent = `${asked.kinds[kind] ?? kind} ${number}`;
    const item = document.createElement("li");
    item.append(sign(stand), link, ` ${asked.stands[stand]} ${day}`);
    lines.append(item);
  }
  box.append(head, lines);
  return box;
}

const Cells = L.GridLayer.extend({
  initialize(address, map) {
    L.GridLayer.prototype.initialize.call(this, { tileSize: 256, updateWhenZooming: false, minZoom: 7, maxZoom: 19, bounds: map.options.maxBounds });
    this._address = address;
    this._marks = new Map();
    this.on("tileunload", ({ coords }) => this._drop(this._tileCoordsToKey(coords)));
  },
  createTile(coords, done) {
    const tile = document.createElement("div");
    const key = this._tileCoordsToKey(coords);
    const marks = L.layerGroup();
    this._marks.set(key, marks);
    fetch(L.Util.template(this._address, coords), { headers: { Accept: "application/json" } })
      .then((answer) => (answer.ok ? answer.json() : Promise.reject(new Error(answer.status))))
      .then(({ cells }) => {
        if (this._marks.get(key) !== marks || coords.z !== this._map?.getZoom()) return;
        for (const cell of cells) marks.addLayer(this._mark(cell));
        marks.addTo(this._map);
        done(null, tile);
      })
      .catch((problem) => {
        says.textContent = frame.dataset.failed;
        done(problem, tile);
      });
    return tile;
  },
  _drop(key) {
    this._marks.get(key)?.remove();
    this._marks.delete(key);
  },
  _mark([lat, lon, ...rest]) {
    const counts = rest.slice(0, STANDS.length);
    const total = counts.reduce((sum, n) => sum + n, 0);
    const summary = inWords(counts, total);
    const cases = rest[STANDS.length];
    // Out of the order of tabs: hundreds of stops would help nobody; the list below the map says the same.
    const mark = L.marker([lat, lon], { icon: icon(counts, total), keyboard: false, alt: summary, title: summary });
    if (cases) return mark.bindPopup(() => list(cases, summary), { minWidth: 240 });
    return mark.on("click", () => this._map.setView([lat, lon], Math.min(this._map.getZoom() + 2, 19), { animate: !still }));
  },
});

function start() {
  const [west, south, east, north] = frame.dataset.bbox.split(",").map(Number);
  const map = L.map(frame, { zoomControl: false, keyboard: true, scrollWheelZoom: false, zoomAnimation: !still, fadeAnimation: !still, minZoom: 8, maxZoom: 19 });
  map.attributionControl.setPrefix(false);
  L.control.zoom({ zoomInTitle: frame.dataset.zoomIn, zoomOutTitle: frame.dataset.zoomOut }).addTo(map);
  map.on("focus click", () => map.scrollWheelZoom.enable());
  map.on("blur", () => map.scrollWheelZoom.disable());
  const at = window.location.hash.match(/^#(\d+)\/(-?[\d.]+)\/(-?[\d.]+)$/);
  const box = asked.box ? asked.box.split(",").map(Number) : null;
  if (at) map.setView([Number(at[2]), Number(at[3])], Number(at[1]));
  else if (box) map.fitBounds([[box[1], box[0]], [box[3], box[2]]]);
  else map.fitBounds([[south, west], [north, east]]);
  return map;
}

async function ground(map) {
  try {
    const answer = await fetch(frame.dataset.districts);
    if (!answer.ok) return;
    const style = () => ({ color: token("--line-strong"), weight: 1, fillColor: token("--paper"), fillOpacity: frame.classList.contains("map-streets") ? 0 : 1 });
    const layer = L.geoJSON(await answer.json(), { style, interactive: false, renderer: L.canvas({ padding: 0.3 }) }).addTo(map);
    layer.bringToBack();
    const streets = L.tileLayer(frame.dataset.tiles, { maxNativeZoom: 19, maxZoom: 19, attribution: frame.dataset.tilesBy });
    let came = false;
    streets.on("tileload", () => {
      if (came) return;
      came = true;
      frame.classList.add("map-streets");
      layer.setStyle(style());
    });
    // Without a net the districts stay, without a word.
    streets.on("tileerror", () => came || map.removeLayer(streets));
    streets.addTo(map);
    window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => layer.setStyle(style()));
  } catch {
    // The cells stand without a ground, too.
  }
}

const map = start();
const narrow = document.querySelector("[data-map-box]");
const follow = document.querySelector("[data-map-follow]");
function remember() {
  const { lat, lng } = map.getCenter();
  window.history.replaceState(null, "", `#${map.getZoom()}/${lat.toFixed(5)}/${lng.toFixed(5)}`);
  const bounds = map.getBounds();
  const box = [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()].map((degree) => degree.toFixed(5)).join(",");
  for (const link of [narrow, follow]) {
    const address = new URL(link.href);
    address.searchParams.set("box", box);
    address.searchParams.delete("page");
    address.hash = link === narrow ? window.location.hash : "";
    link.href = address.href;
  }
}
await ground(map);
new Cells(asked.tiles, map).addTo(map);
map.on("moveend", remember);
remember();
frame.dataset.ready = "";

/* The city's maps (Leaflet, canvas). The ground is the city's own districts; the national map's tiles lie over it where the net reaches them.

   <div class="map" data-map="pick | points | areas" data-districts="/districts.geojson" data-bbox="west,south,east,north" …>

   pick     one place, written to the inputs data-lon and data-lat (selectors); pin by pointer, by its own arrow keys, or by the buttons
            [data-map-position] and [data-map-centre] of the tools beside it; sends "map:picked" {lon, lat}, obeys "map:put" {lon, lat}
   points   a JSON script element data-source="#id": [{lon, lat, title, text, url, state, current, line: [[lon, lat], …]}]
   areas    a JSON script element data-source="#id": {values: {code: number}, urls: {code: address}, unit}
   District features carry properties.code, properties.name and, for English pages, properties.name_en. */

const L = window.L;
const named = ({ name, name_en }) => (document.documentElement.lang === "en" && name_en) || name;
const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
const STATE_COLOURS = { on: "--sea", near: "--near", late: "--late", broken: "--late", wait: "--wait-ink", kept: "--kept", none: "--ink-3" };
const darkness = window.matchMedia("(prefers-color-scheme: dark)");

function json(selector) {
  const element = selector && document.querySelector(selector);
  return element ? JSON.parse(element.textContent) : null;
}

function begin(frame) {
  const map = L.map(frame, {
    renderer: L.canvas({ padding: 0.3 }), zoomControl: false, attributionControl: true, keyboard: true, zoomAnimation: !still, fadeAnimation: !still,
    markerZoomAnimation: !still, inertia: !still, minZoom: 8, maxZoom: 19, scrollWheelZoom: frame.dataset.map === "pick", zoomSnap: frame.dataset.map === "areas" ? 0.25 : 1,
  });
  map.attributionControl.setPrefix(false);
  L.control.zoom({ zoomInTitle: frame.dataset.zoomIn, zoomOutTitle: frame.dataset.zoomOut }).addTo(map);
  map.fitBounds(home(frame));
  // Wheels scroll the page until the map is meant: after a click in it.
  map.on("focus click", () => map.scrollWheelZoom.enable());
  map.on("blur", () => frame.dataset.map === "pick" || map.scrollWheelZoom.disable());
  return map;
}

function home(frame) {
  const [west, south, east, north] = (frame.dataset.bbox || "119.3,21.8,122.1,25.4").split(",").map(Number);
  return [[south, west], [north, east]];
}

/** The national map over the districts; where it does not answer it goes without a word and the districts stay. */
function tiles(frame, map, ground) {
  if (!frame.dataset.tiles) return;
  const layer = L.tileLayer(frame.dataset.tiles, { maxNativeZoom: 19, maxZoom: 19, attribution: frame.dataset.tilesBy });
  let came = false;
  layer.on("tileload", () => {
    if (came) return;
    came = true;
    frame.classList.add("map-streets");
    ground()?.setStyle(groundStyle(frame));
  });
  layer.on("tileerror", () => came || map.removeLayer(layer));
  layer.addTo(map);
}

const groundStyle = (frame) => ({ color: token("--line-strong"), weight: 1, fillColor: token("--paper"), fillOpacity: frame.classList.contains("map-streets") ? 0 : 1 });

async function districts(frame) {
  if (!frame.dataset.districts) return null;
  try {
    const answer = await fetch(frame.dataset.districts, { headers: { Accept: "application/geo+json, application/json" } });
    return answer.ok ? await answer.json() : null;
  } catch {
    return null;
  }
}

function layGround(frame, map, features) {
  if (!features) return null;
  const layer = L.geoJSON(features, {
    style: () => groundStyle(frame),
    interactive: false,
    // Without streets the districts' names say where one is.
    onEachFeature: ({ properties }, area) => area.bindTooltip(named(properties), { permanent: true, direction: "center", className: "map-name" }),
  }).addTo(map);
  layer.bringToBack();
  const near = () => frame.classList.toggle("map-near", map.getZoom() >= 12);
  map.on("zoomend", near);
  near();
  darkness.addEventListener("change", () => layer.setStyle(groundStyle(frame)));
  return layer;
}

/** A sign drawn by hand rather than a picture: it follows the colours and stays sharp. */
function pinIcon() {
  const holder = document.createElement("div");
  holder.innerHTML =
    '<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M12 22.5c-4.7-5-7.5-8.5-7.5-12a7.5 7.5 0 0 1 15 0c0 3.5-2.8 7-7.5 12z"/><circle cx="12" cy="10.5" r="2.8" fill="currentColor"/></svg>';
  return L.divIcon({ html: holder.firstChild, className: "map-pin", iconSize: [40, 40], iconAnchor: [20, 38] });
}

function pick(frame, map) {
  const lon = document.querySelector(frame.dataset.lon);
  const lat = document.querySelector(frame.dataset.lat);
  const tools = frame.closest("[data-map-area]") ?? document;
  const words = tools.querySelector("[data-map-words]");
  let pin = null;

  const say = (text) => words && (words.textContent = text);
  function put(place, { look = false, tell = true } = {}) {
    const spot = L.latLng(place).wrap();
    if (!pin) {
      pin = L.marker(spot, { icon: pinIcon(), draggable: true, autoPan: true, keyboard: true, title: frame.dataset.pinTitle, alt: frame.dataset.pinTitle }).addTo(map);
      pin.on("dragend", () => put(pin.getLatLng()));
      const element = pin.getElement();
      element.addEventListener("keydown", (event) => {
        const step = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] }[event.key];
        if (!step) return;
        event.preventDefault();
        event.stopPropagation();
        const size = event.shiftKey ? 1 : 10;
        const point = map.latLngToContainerPoint(pin.getLatLng()).add([step[0] * size, step[1] * size]);
        put(map.containerPointToLatLng(point));
        map.panInside(pin.getLatLng(), { padding: [40, 40], animate: !still });
      });
    }
    pin.setLatLng(spot);
    if (look) map.setView(spot, Math.max(map.getZoom(), 17), { animate: false });
    if (!tell) return;
    lon.value = spot.lng.toFixed(6);
    lat.value = spot.lat.toFixed(6);
    say(frame.dataset.picked.replace("{place}", `${lat.value}, ${lon.value}`));
    frame.dispatchEvent(new CustomEvent("map:picked", { bubbles: true, detail: { lon: spot.lng, lat: spot.lat } }));
  }

  if (lon.value && lat.value) put([Number(lat.value), Number(lon.value)], { look: true, tell: false });
  map.on("click", (event) => put(event.latlng));
  frame.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target === frame) {
      event.preventDefault();
      put(map.getCenter());
    }
  });
  frame.addEventListener("map:put", (event) => put([event.detail.lat, event.detail.lon], { look: true }));
  tools.querySelector("[data-map-centre]")?.addEventListener("click", () => put(map.getCenter()));
  tools.querySelector("[data-map-position]")?.addEventListener("click", () => {
    if (!navigator.geolocation) return say(frame.dataset.noPosition);
    say(frame.dataset.asking);
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => put([coords.latitude, coords.longitude], { look: true }),
      () => say(frame.dataset.noPosition),
      { enableHighAccuracy: true, timeout: 10_000, maximumAge: 30_000 },
    );
  });
}

function popup(point) {
  const box = document.createElement("div");
  const title = document.createElement(point.url ? "a" : "strong");
  title.textContent = point.title;
  if (point.url) title.href = point.url;
  const head = document.createElement("p");
  head.append(title);
  box.append(head);
  if (point.text) {
    const text = document.createElement("p");
    text.textContent = point.text;
    box.append(text);
  }
  return box;
}

function points(frame, map) {
  const list = (json(frame.dataset.source) ?? []).filter((point) => Number.isFinite(point.lon) && Number.isFinite(point.lat));
  if (!list.length) return;
  const look = (point) => ({ radius: point.current ? 11 : 7, weight: 2, color: token("--paper"), fillColor: token(STATE_COLOURS[point.state] ?? "--sea"), fillOpacity: 1 });
  const marks = list.map((point) => {
    const mark = L.circleMarker([point.lat, point.lon], look(point)).bindPopup(() => popup(point));
    return mark.on("mouseover", () => mark.bindTooltip(point.title).openTooltip()), [mark, point];
  });
  // A road or a pipe is a line through its mark, drawn before it and so under it.
  const way = () => ({ color: token("--sea"), weight: 5, opacity: 0.7, interactive: false });
  const lines = list.filter((point) => point.line).map((point) => L.polyline(point.line.map(([lon, lat]) => [lat, lon]), way()));
  const group = L.featureGroup([...lines, ...marks.map(([mark]) => mark)]).addTo(map);
  map.fitBounds(group.getBounds().pad(0.15), { maxZoom: list.length === 1 && !list[0].line ? 14 : 16 });
  darkness.addEventListener("change", () => {
    marks.forEach(([mark, point]) => mark.setStyle(look(point)));
    lines.forEach((line) => line.setStyle(way()));
  });
}

/** Bounds of at most five classes of about equal size; equal values never fall apart. */
function classes(values) {
  const sorted = values.filter((value) => value > 0).sort((a, b) => a - b);
  const bounds = [];
  for (let part = 1; part < 5; part += 1) {
    const bound = sorted[Math.ceil((sorted.length * part) / 5) - 1];
    if (bound !== undefined && bound !== bounds.at(-1) && bound !== sorted.at(-1)) bounds.push(bound);
  }
  return bounds;
}

function areas(frame, map, features) {
  if (!features) return;
  const { values = {}, urls = {}, unit = "" } = json(frame.dataset.source) ?? {};
  const bounds = classes(Object.values(values));
  const steps = bounds.length + 1;
  const level = (value) => {
    const at = bounds.findIndex((bound) => value <= bound);
    const place = at < 0 ? bounds.length : at;
    return steps === 1 ? 3 : 1 + Math.round((place * 4) / (steps - 1));
  };
  const look = (feature) => {
    const value = values[feature.properties.code];
    return { color: token("--area-line"), weight: 1, fillColor: value ? token(`--area-${level(value)}`) : token("--track"), fillOpacity: 1 };
  };
  const layer = L.geoJSON(features, {
    style: look,
    onEachFeature: (feature, area) => {
      const { code } = feature.properties;
      const words = document.createElement("span");
      words.textContent = `${named(feature.properties)} ${(values[code] ?? 0).toLocaleString()} ${unit}`;
      area.bindTooltip(words, { sticky: true });
      area.on("mouseover", () => area.setStyle({ weight: 3, color: token("--ink") }).bringToFront());
      area.on("mouseout", () => layer.resetStyle(area));
      if (urls[code]) area.on("click", () => window.location.assign(urls[code]));
    },
  }).addTo(map);
  map.fitBounds(layer.getBounds(), { padding: [12, 12] });
  darkness.addEventListener("change", () => layer.setStyle(look));
  legend(frame, bounds, level, Math.max(0, ...Object.values(values)), unit);
}

function legend(frame, bounds, level, most, unit) {
  const list = document.querySelector(frame.dataset.legend || null);
  if (!list || !most) return;
  const edges = [0, ...bounds, most];
  list.replaceChildren(
    ...edges.slice(1).map((to, index) => {
      const item = document.createElement("li");
      item.innerHTML = '<svg aria-hidden="true"><rect width="100%" height="100%"/></svg>';
      item.querySelector("rect").setAttribute("class", `area-${level(to)}`);
      const from = Math.floor(edges[index]) + 1;
      item.append(`${from >= to ? to.toLocaleString() : `${from.toLocaleString()}–${to.toLocaleString()}`} ${unit}`);
      return item;
    }),
  );
}

for (const frame of document.querySelectorAll("[data-map]")) {
  const map = begin(frame);
  const features = await districts(frame);
  if (frame.dataset.map === "areas") areas(frame, map, features);
  else {
    let ground = layGround(frame, map, features);
    tiles(frame, map, () => ground);
    if (frame.dataset.map === "pick") pick(frame, map);
    else points(frame, map);
  }
  frame.dataset.ready = "";
}

// Maps with Leaflet, in plain SVG. The page brings its own geography, so that a map draws without any tile server.
import * as L from "leaflet/dist/leaflet-src.esm.js";

/** Draw the map described by the JSON in the element's data-map: {tiles, attribution, shapes, lines, labels, points}. */
export function draw(element) {
  const plan = JSON.parse(element.dataset.map);
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const map = L.map(element, { zoomAnimation: !still, fadeAnimation: !still, attributionControl: Boolean(plan.tiles), scrollWheelZoom: false, zoomSnap: 0.25 });
  if (plan.tiles) L.tileLayer(plan.tiles, { attribution: plan.attribution, maxZoom: 18 }).addTo(map);
  const style = getComputedStyle(document.documentElement);
  const colour = (tone) => resolve(element, tone) || style.color;
  for (const shape of plan.shapes ?? []) {
    L.polygon(shape.at, { color: colour("--line-control"), weight: 1, fillColor: colour("--surface"), fillOpacity: 0.75, interactive: false }).addTo(map);
    if (shape.label) L.marker(L.polygon(shape.at).getBounds().getCenter(), { icon: text(shape.label), interactive: false, keyboard: false }).addTo(map);
  }
  for (const line of plan.lines ?? []) {
    const drawn = L.polyline(line.at, { color: colour(`--${line.tone ?? "accent"}`), weight: line.weight ?? 4, dashArray: line.dashed ? "6 6" : null }).addTo(map);
    if (line.label) drawn.bindTooltip(document.createTextNode(line.label).textContent.replace(/[<&]/g, ""));
  }
  for (const name of plan.labels ?? []) L.marker(name.at, { icon: text(name.label), interactive: false, keyboard: false, zIndexOffset: -1000 }).addTo(map);
  const markers = (plan.points ?? []).map((point) => pin(point).addTo(map));
  fit(map, plan, markers);
}

function resolve(element, name) {
  const probe = document.createElement("i");
  probe.style.color = `var(${name})`;
  element.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}

function text(label) {
  const node = document.createElement("span");
  node.textContent = label;
  return L.divIcon({ className: "map-label muted", html: node, iconSize: null });
}

function pin(point) {
  const face = document.createElement("span");
  face.textContent = point.mark ?? "";
  const icon = L.divIcon({ className: `map-pin ${point.tone ?? ""}`, html: face, iconSize: [26, 26] });
  const marker = L.marker(point.at, { icon, alt: point.label, title: point.label, keyboard: Boolean(point.url) });
  if (point.url) marker.on("click", () => location.assign(point.url));
  return marker;
}

function fit(map, plan, markers) {
  const lines = (plan.lines ?? []).map((line) => L.polyline(line.at));
  const everything = [...markers, ...lines];
  const shown = everything.length ? everything : (plan.shapes ?? []).map((shape) => L.polygon(shape.at));
  const bounds = L.featureGroup(shown).getBounds();
  if (bounds.isValid()) map.fitBounds(bounds.pad(0.1), { maxZoom: 14, animate: false });
  else map.setView([0, 0], 1);
}

// The map over WebGL2 where there is one; without it the SVG below stays. No tiles, no fonts, no glyphs fetched.
const holder = document.getElementById("gl");
const card = document.getElementById("card");
const words = holder ? holder.dataset : {};

const able = () => {
  try { return Boolean(document.createElement("canvas").getContext("webgl2")); } catch { return false; }
};

const open = async (url) => {
  const answer = await fetch(url, { headers: { "HX-Request": "true" } });
  if (answer.ok) card.innerHTML = await answer.text();
};

document.addEventListener("click", (event) => {
  const dot = event.target.closest("[data-card]");
  if (dot && card && !document.body.dataset.picking) { event.preventDefault(); open(dot.dataset.card); }
  if (event.target.closest("[data-close]")) card.replaceChildren();
});

const start = async () => {
  const { Map, Marker, NavigationControl } = await import(words.module);
  const answer = await fetch(words.url);
  const data = await answer.json();
  const paint = (name) => token(name);
  const by = (suffix) => ["match", ["get", "light"], "red", paint(`red${suffix}`), "amber", paint(`amber${suffix}`), "blind", paint(`blind${suffix}`), paint(`green${suffix}`)];
  const area = new URLSearchParams(location.search).get("area");
  const light = new URLSearchParams(location.search).get("light");
  const ring = data.features.filter((f) => f.properties.kind === "area" && (!area || f.properties.id === area)).flatMap((f) => f.geometry.coordinates[0]);
  const box = ring.reduce((b, [x, y]) => [Math.min(b[0], x), Math.min(b[1], y), Math.max(b[2], x), Math.max(b[3], y)], [180, 90, -180, -90]);
  // The shapes of the lights, drawn once: a triangle, a diamond, a crossed square, a disc.
  const shapes = {
    red: (c) => { c.moveTo(16, 4); c.lineTo(29, 27); c.lineTo(3, 27); c.closePath(); },
    amber: (c) => { c.moveTo(16, 3); c.lineTo(29, 16); c.lineTo(16, 29); c.lineTo(3, 16); c.closePath(); },
    blind: (c) => { c.rect(6, 6, 20, 20); c.moveTo(6, 26); c.lineTo(26, 6); },
    green: (c) => { c.arc(16, 16, 10, 0, 2 * Math.PI); },
  };
  const image = (light) => {
    const canvas = Object.assign(document.createElement("canvas"), { width: 32, height: 32 });
    const c = canvas.getContext("2d");
    c.beginPath();
    shapes[light](c);
    c.lineWidth = light === "blind" ? 3.5 : 2;
    c.fillStyle = light === "blind" ? paint("surface") : paint(light);
    c.strokeStyle = light === "blind" ? paint("blind") : paint("surface");
    c.fill();
    c.stroke();
    return c.getImageData(0, 0, 32, 32);
  };
  const kind = (name) => ["==", ["get", "kind"], name];
  const size = (k) => ["match", ["get", "light"], "red", 0.5 * k, "amber", 0.42 * k, "blind", 0.42 * k, 0.26 * k];
  const map = new Map({
    container: holder,
    attributionControl: false,
    bounds: box,
    fitBoundsOptions: { padding: 24 },
    style: {
      version: 8,
      sources: { city: { type: "geojson", data } },
      layers: [
        { id: "ground", type: "background", paint: { "background-color": paint("surface") } },
        { id: "areas", type: "fill", source: "city", filter: kind("area"), paint: { "fill-color": by("-bg") } },
        { id: "edges", type: "line", source: "city", filter: kind("area"), paint: { "line-color": paint("line-2"), "line-width": 1 } },
      ],
    },
  });
  map.on("load", () => {
    for (const light of Object.keys(shapes)) map.addImage(light, image(light));
    map.addLayer({
      id: "plants", type: "symbol", source: "city",
      filter: light ? ["all", kind("plant"), ["==", ["get", "light"], light]] : kind("plant"),
      layout: {
        "icon-image": ["get", "light"], "icon-allow-overlap": true, "icon-ignore-placement": true,
        "icon-size": ["interpolate", ["linear"], ["zoom"], 7, size(1), 12, size(2.2)],
        "symbol-sort-key": ["match", ["get", "light"], "red", 3, "amber", 2, "blind", 1, 0],
      },
    });
    for (const feature of data.features.filter((f) => f.properties.kind === "area")) {
      const name = Object.assign(document.createElement("span"), { className: "gl-name", textContent: feature.properties.name });
      new Marker({ element: name }).setLngLat(feature.properties.at).addTo(map);
    }
    holder.dataset.ready = "1";
    document.dispatchEvent(new CustomEvent("map:ready", { detail: { map, data } }));
  });
  map.addControl(new NavigationControl({ showCompass: false }), "top-right");
  map.on("click", "plants", (event) => !document.body.dataset.picking && open(words.cards.replace("-/", `${event.features[0].properties.id}/`)));
  map.on("mouseenter", "plants", () => { map.getCanvas().style.cursor = "pointer"; });
  map.on("mouseleave", "plants", () => { map.getCanvas().style.cursor = ""; });
};

if (holder && able()) {
  holder.hidden = false;
  start().catch(() => { holder.hidden = true; });
}

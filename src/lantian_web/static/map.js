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
  if (dot && card) { event.preventDefault(); open(dot.dataset.card); }
  if (event.target.closest("[data-close]")) card.replaceChildren();
});

const start = async () => {
  const { Map, NavigationControl } = await import(words.module);
  const answer = await fetch(words.url);
  const data = await answer.json();
  const paint = (name) => token(name);
  const by = (suffix) => ["match", ["get", "light"], "red", paint(`red${suffix}`), "amber", paint(`amber${suffix}`), "blind", paint(`blind${suffix}`), paint(`green${suffix}`)];
  const area = new URLSearchParams(location.search).get("area");
  const light = new URLSearchParams(location.search).get("light");
  const ring = data.features.filter((f) => f.properties.kind === "area" && (!area || f.properties.id === area)).flatMap((f) => f.geometry.coordinates[0]);
  const box = ring.reduce((b, [x, y]) => [Math.min(b[0], x), Math.min(b[1], y), Math.max(b[2], x), Math.max(b[3], y)], [180, 90, -180, -90]);
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
        { id: "areas", type: "fill", source: "city", filter: ["==", ["get", "kind"], "area"], paint: { "fill-color": by("-bg") } },
        { id: "edges", type: "line", source: "city", filter: ["==", ["get", "kind"], "area"], paint: { "line-color": paint("line-2"), "line-width": 1 } },
        {
          id: "plants", type: "circle", source: "city",
          filter: light ? ["all", ["==", ["get", "kind"], "plant"], ["==", ["get", "light"], light]] : ["==", ["get", "kind"], "plant"],
          layout: { "circle-sort-key": ["match", ["get", "light"], "red", 3, "amber", 2, "blind", 1, 0] },
          paint: {
            "circle-radius": ["interpolate", ["linear"], ["zoom"], 7, ["match", ["get", "light"], "red", 4, "amber", 3.5, 2.5], 12, ["match", ["get", "light"], "red", 9, "amber", 8, 6]],
            "circle-color": ["match", ["get", "light"], "red", paint("red"), "amber", paint("amber"), "blind", paint("surface"), paint("green")],
            "circle-stroke-color": ["match", ["get", "light"], "blind", paint("blind"), paint("surface")],
            "circle-stroke-width": ["match", ["get", "light"], "blind", 1.5, 0.7],
          },
        },
      ],
    },
  });
  map.addControl(new NavigationControl({ showCompass: false }), "top-right");
  map.on("load", () => { holder.dataset.ready = "1"; });
  map.on("click", "plants", (event) => open(event.features[0].properties.url));
  map.on("mouseenter", "plants", () => { map.getCanvas().style.cursor = "pointer"; });
  map.on("mouseleave", "plants", () => { map.getCanvas().style.cursor = ""; });
};

if (holder && able()) {
  holder.hidden = false;
  start().catch(() => { holder.hidden = true; });
}

// Targets from the map: by click, by a box, all that the filters show, all of one trade. They go into the line above.
(() => {
  const start = () => {
    const tools = document.getElementById("picks"), sheet = document.getElementById("pick");
    if (!tools || !sheet || !window.compose) return;
    const stage = sheet.parentElement, where = new URLSearchParams(location.search);
    let mode = "", gl = null, box = null, from = null;

    const set = (next) => {
      mode = mode === next ? "" : next;
      if (mode) document.body.dataset.picking = mode; else delete document.body.dataset.picking;
      sheet.hidden = mode !== "box";
      for (const button of tools.querySelectorAll("[aria-pressed]")) button.setAttribute("aria-pressed", button.dataset.pick === mode ? "true" : "false");
    };
    const shown = async (more) => {
      const query = new URLSearchParams({ area: where.get("area") || "", light: where.get("light") || "", ...more });
      const answer = await fetch(`${tools.dataset.plants}?${query}`);
      if (answer.ok) window.compose.add((await answer.json()).found);
    };
    const one = (id, name) => window.compose.toggle({ key: `enterprise:${id}`, name });
    const plant_of = (link) => decodeURIComponent(link.dataset.card.replace(/\/$/, "").split("/").pop());

    const name_of = (link) => (link.textContent || "").trim().split(" · ")[0] || plant_of(link);

    tools.addEventListener("click", (event) => {
      const button = event.target.closest("[data-pick]");
      if (!button) return;
      if (button.dataset.pick === "all") shown({}); else set(button.dataset.pick);
    });
    tools.querySelector("[data-pick-trade]").addEventListener("change", (event) => {
      if (event.target.value) shown({ trade: event.target.value });
      event.target.value = "";
    });
    // The list beside the map and the drawn map choose too.
    document.addEventListener("click", (event) => {
      const link = event.target.closest("[data-card]");
      if (mode !== "click" || !link) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      one(plant_of(link), name_of(link));
    }, true);
    document.addEventListener("map:ready", (event) => {
      gl = event.detail;
      gl.map.addLayer({ id: "chosen", type: "circle", source: "city", filter: ["in", ["get", "id"], ["literal", []]], paint: { "circle-radius": 9, "circle-color": "rgba(0,0,0,0)", "circle-stroke-width": 3, "circle-stroke-color": token("focus") } });
      gl.map.on("click", "plants", (click) => { if (mode === "click") one(click.features[0].properties.id, click.features[0].properties.name); });
      ring();
    });
    const ring = () => {
      if (!gl || !gl.map.getLayer("chosen")) return;
      const ids = gl.data.features.filter((f) => f.properties.kind === "plant" && window.compose.has(`enterprise:${f.properties.id}`)).map((f) => f.properties.id);
      gl.map.setFilter("chosen", ["in", ["get", "id"], ["literal", ids]]);
    };
    document.addEventListener("compose:targets", ring);

    const at = (event) => { const frame = stage.getBoundingClientRect(); return [event.clientX - frame.left, event.clientY - frame.top]; };
    sheet.addEventListener("pointerdown", (event) => { from = at(event); box = document.createElement("i"); sheet.replaceChildren(box); sheet.setPointerCapture(event.pointerId); });
    sheet.addEventListener("pointermove", (event) => {
      if (!from) return;
      const [x, y] = at(event);
      Object.assign(box.style, { left: `${Math.min(x, from[0])}px`, top: `${Math.min(y, from[1])}px`, width: `${Math.abs(x - from[0])}px`, height: `${Math.abs(y - from[1])}px` });
    });
    sheet.addEventListener("pointerup", (event) => {
      if (!from) return;
      const [x, y] = at(event), [a, b] = [[Math.min(x, from[0]), Math.min(y, from[1])], [Math.max(x, from[0]), Math.max(y, from[1])]];
      from = null; sheet.replaceChildren();
      if (gl) {
        const light = where.get("light");
        const inside = gl.data.features.filter((f) => {
          if (f.properties.kind !== "plant" || (light && f.properties.light !== light)) return false;
          const dot = gl.map.project(f.geometry.coordinates);
          return dot.x >= a[0] && dot.x <= b[0] && dot.y >= a[1] && dot.y <= b[1];
        });
        window.compose.add(inside.map((f) => ({ key: `enterprise:${f.properties.id}`, name: f.properties.name })));
      } else {
        const frame = stage.getBoundingClientRect();
        const inside = [...stage.querySelectorAll("svg [data-card]")].filter((dot) => {
          const r = dot.getBoundingClientRect(), cx = r.left + r.width / 2 - frame.left, cy = r.top + r.height / 2 - frame.top;
          return cx >= a[0] && cx <= b[0] && cy >= a[1] && cy <= b[1];
        });
        window.compose.add(inside.map((dot) => ({ key: `enterprise:${plant_of(dot)}`, name: name_of(dot) })));
      }
      set("box");
    });
    if (where.get("pick")) set("click");
  };
  document.addEventListener("compose:ready", start);
})();

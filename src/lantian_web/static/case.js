// The case's curve: production and treatment, order shade, threshold, crossed and missing stretches, verdict strip.
(() => {
  const draw = (holder, data) => {
    const words = JSON.parse(document.getElementById("curve-words").textContent);
    // Times are moved to the city's clock, then drawn as UTC: the reader's own zone does not matter.
    for (const name of ["start", "end"]) data[name] += data.shift;
    for (const name of ["orders", "runs", "missing", "bands"]) {
      data[name] = data[name].map((row) => row.map((cell) => (typeof cell === "number" ? cell + data.shift : cell)));
    }
    const points = (values) => values.map((value, slot) => [data.start + slot * data.step, value]);
    // A step line ends at its last point: repeat it so that the last slot has its width.
    const steps = (values) => (values.length ? [...points(values), [data.end, values[values.length - 1]]] : []);
    const hatch = {
      symbol: "rect", dashArrayX: [1, 0], dashArrayY: [2, 4], rotation: -Math.PI / 4, color: token("blind"),
    };
    const areas = [
      ...data.orders.map(([from, , to, name]) => [{ xAxis: from, name, itemStyle: { color: token("order-bg") } }, { xAxis: to }]),
      ...data.runs.map(([from, to]) => [{ xAxis: from, itemStyle: { color: token("red-bg") } }, { xAxis: to }]),
      ...data.missing.map(([from, to]) => [{ xAxis: from, itemStyle: { color: token("blind-bg"), decal: hatch } }, { xAxis: to }]),
    ];
    const lines = [];
    if (data.rated) lines.push({ yAxis: data.rated, name: `${words.rated} ${data.rated.toLocaleString()}`, lineStyle: { color: token("line-2"), type: "dotted" } });
    if (data.idle) lines.push({ yAxis: data.idle, name: `${words.idle} ${data.idle.toLocaleString()}`, lineStyle: { color: token("line-2"), type: "dotted" } });
    if (data.threshold) {
      const word = data.threshold.kind === "day" ? words.cap : words.threshold;
      lines.push({ yAxis: data.threshold.value, name: `${word} ${data.threshold.value.toLocaleString()}`, label: { color: token("red") }, lineStyle: { color: token("red"), type: "dashed" } });
    }
    const fill = { complied: "green-bg", not_complied: "red", cannot_tell: "blind-bg", pending: "amber-bg", grace: "raised", unjudged: "surface" };
    const ink = { complied: "green", not_complied: "surface", cannot_tell: "blind", pending: "amber", grace: "ink-2", unjudged: "ink-3" };
    const band = (params, api) => {
      const [x0, y] = api.coord([api.value(0), 0]);
      const [x1] = api.coord([api.value(1), 0]);
      const state = data.bands[params.dataIndex][2];
      const box = window.echarts.graphic.clipRectByRect(
        { x: x0, y: y - 9, width: x1 - x0, height: 18 },
        { x: params.coordSys.x, y: params.coordSys.y, width: params.coordSys.width, height: params.coordSys.height },
      );
      if (!box) return null;
      const word = data.bands[params.dataIndex][3];
      return {
        type: "group",
        children: [
          { type: "rect", shape: box, style: { fill: token(fill[state]), stroke: token("line-2"), lineWidth: 0.5, decal: state === "cannot_tell" ? hatch : undefined } },
          ...(box.width > word.length * 13 + 6
            ? [{ type: "text", style: { text: word, x: box.x + box.width / 2, y: box.y + 9, align: "center", verticalAlign: "middle", fill: token(ink[state]), fontSize: 12, fontWeight: 600, fontFamily: token("font") } }]
            : []),
        ],
      };
    };
    const chart = window.echarts.init(holder, null, { renderer: "svg" });
    const narrow = holder.clientWidth < 600;
    const axis = { type: "time", min: data.start, max: data.end };
    chart.setOption({
      animation: false,
      useUTC: true,
      textStyle: { fontFamily: token("font") },
      grid: [
        { left: 52, right: narrow ? 16 : 112, top: 28, bottom: 84 },
        { left: 52, right: narrow ? 16 : 112, height: 20, bottom: 56 },
      ],
      tooltip: { trigger: "axis", axisPointer: { type: "line" }, backgroundColor: token("surface"), borderColor: token("line-2"), textStyle: { color: token("ink"), fontSize: 13 }, valueFormatter: (v) => (v === null || v === undefined ? words.missing : `${Number(v).toLocaleString()} kW`) },
      dataZoom: [{ type: "inside", xAxisIndex: [0, 1] }, { type: "slider", xAxisIndex: [0, 1], height: 12, bottom: 8, brushSelect: false, showDataShadow: false, moveHandleSize: 0, borderColor: token("line"), backgroundColor: token("surface"), fillerColor: token("raised"), handleStyle: { color: token("surface"), borderColor: token("line-2") }, emphasis: { handleStyle: { borderColor: token("focus") } }, textStyle: { color: token("ink-3") }, labelFormatter: "" }],
      xAxis: [
        { ...axis, axisLabel: { show: false }, axisTick: { show: false }, axisLine: { lineStyle: { color: token("line-2") } } },
        { ...axis, gridIndex: 1, axisLabel: { color: token("ink-3"), fontSize: 12, hideOverlap: true, formatter: { day: `{d} ${words.day}`, hour: "{HH}:{mm}", minute: "{HH}:{mm}" } }, axisLine: { show: false }, axisTick: { show: false } },
      ],
      yAxis: [
        { type: "value", axisLabel: { color: token("ink-3"), fontSize: 12 }, splitLine: { lineStyle: { color: token("grid") } } },
        { type: "value", gridIndex: 1, min: -1, max: 1, show: false },
      ],
      series: [
        {
          name: words.production, type: "line", step: "end", data: steps(data.production), showSymbol: false, connectNulls: false, color: token("plot"), lineStyle: { width: 2 },
          markArea: { silent: true, label: { color: token("ink-2"), fontSize: 12, position: "top" }, data: areas },
          markLine: { silent: true, symbol: "none", label: narrow ? { position: "insideEndTop", formatter: "{b}", color: token("ink-3") } : { position: "end", formatter: "{b}", color: token("ink-3") }, data: lines },
        },
        { name: words.treatment, type: "line", step: "end", data: steps(data.treatment), showSymbol: false, connectNulls: false, color: token("plot-2"), lineStyle: { width: 1.5 } },
        { type: "custom", xAxisIndex: 1, yAxisIndex: 1, renderItem: band, data: data.bands.map((b) => [b[0], b[1]]), encode: { x: [0, 1] }, tooltip: { show: false } },
      ],
    });
    holder.dataset.drawn = "1";
    window.addEventListener("resize", () => chart.resize());
  };

  document.addEventListener("DOMContentLoaded", async () => {
    const holder = document.getElementById("curve");
    if (!holder || !window.echarts) return;
    const answer = await fetch(holder.dataset.url);
    if (!answer.ok) { holder.textContent = holder.dataset.failed; return; }
    const data = await answer.json();
    holder.textContent = "";
    draw(holder, data);
  });
})();

// Chosen files are named under their buttons, so that nobody hands in the wrong photo.
document.addEventListener("change", (event) => {
  const holder = event.target.closest(".ups");
  if (!holder) return;
  const files = [...holder.querySelectorAll("input[type=file]")].flatMap((input) => [...input.files]);
  const said = holder.querySelector("[data-chosen]");
  said.hidden = !files.length;
  said.textContent = files.map((file) => file.name).join(", ");
});

// Draws every [data-chart]: fetches its options as JSON and fills in what JSON cannot hold.
// "$ink" is a colour token of the page, "$ramp-3" a step of the value ramp, "@name|…" a function of this file.
// Colours are read when drawing, so the same options serve day and night.
(() => {
  // From little to much. Lightness alone tells the steps apart; night turns it round.
  const RAMPS = {
    day: ["#e6ecf2", "#c9d5e1", "#a8bacd", "#849cb6", "#5f7c9c", "#3d5a7c", "#1d3556"],
    night: ["#202b37", "#2e3f51", "#41586f", "#5a7590", "#7b96b1", "#a3b9cf", "#d6e2ee"],
  };
  const colour = (hex) => {
    const probe = document.createElement("canvas").getContext("2d");
    probe.fillStyle = hex;
    const text = probe.fillStyle;
    return text.startsWith("#") ? [1, 3, 5].map((at) => parseInt(text.slice(at, at + 2), 16)) : [255, 255, 255];
  };
  const dark = () => colour(token("surface")).reduce((sum, part) => sum + part, 0) < 384;
  const ramp = (step) => RAMPS[dark() ? "night" : "day"][step];
  const paint = (name) => (name.startsWith("ramp-") ? ramp(Number(name.slice(5))) : token(name));
  const hatch = () => ({ symbol: "rect", dashArrayX: [1, 0], dashArrayY: [1, 4], rotation: -Math.PI / 4, color: token("blind") });

  const shown = (value, places) => {
    if (value === null || value === undefined || Number.isNaN(Number(value))) return "—";
    return Number(value).toLocaleString("zh-CN", { minimumFractionDigits: Number(places), maximumFractionDigits: Number(places) }).replace("-", "−");
  };

  // A whisker: the interval of one mean.
  const whisker = (params, api) => {
    const [x, low] = api.coord([api.value(0), api.value(1)]);
    const high = api.coord([api.value(0), api.value(2)])[1];
    if (Number.isNaN(low) || Number.isNaN(high)) return null;
    const line = (x1, y1, x2, y2) => ({ type: "line", shape: { x1, y1, x2, y2 }, style: { stroke: token("plot-2"), lineWidth: 1.5 } });
    return { type: "group", children: [line(x, low, x, high), line(x - 4, low, x + 4, low), line(x - 4, high, x + 4, high)] };
  };

  // A month as a block of weeks, Monday first. A cell: the AQI, and a bar as high and coloured as the class.
  const GAP = 20, HEAD = 36;
  const layout = (months, width) => {
    const across = Math.max(1, Math.min(months.length, Math.floor((width + GAP) / (7 * 27 + GAP))));
    const block = (width - GAP * (across - 1)) / across;
    const cell = Math.min(44, block / 7), high = cell < 32 ? 24 : 26;
    const places = [];
    let top = 0;
    for (let from = 0; from < months.length; from += across) {
      const row = months.slice(from, from + across);
      row.forEach((month, n) => places.push({ x: n * (7 * cell + GAP), y: top }));
      top += HEAD + Math.max(...row.map((month) => month.weeks)) * high + 12;
    }
    return { cell, high, places, height: top };
  };
  const calendar = (option, size) => (params, api) => {
    const { months, weekdays } = option.calendarMonths;
    const { cell, high, places } = layout(months, size());
    const row = option.series[0].data[params.dataIndex];
    const [month, day, weekday, week, level] = row.value;
    const { x: left, y: top } = places[month];
    const x = left + weekday * cell, y = top + HEAD + week * high;
    const text = (words, at, down, fill, more) => ({ type: "text", silent: true, style: { text: words, x: at, y: down, fill: token(fill), fontSize: 12, fontFamily: token("font"), verticalAlign: "middle", ...more } });
    const children = [{ type: "rect", shape: { x: x + 1, y: y + 1, width: cell - 2, height: high - 2 }, style: { fill: level ? token("raised") : token("blind-bg"), decal: level ? undefined : hatch() } }];
    if (level) {
      const bar = Math.max(4, Math.round(cell * 0.18)), tall = ((high - 2) * level) / 6;
      children.push({ type: "rect", silent: true, shape: { x: x + 1, y: y + high - 1 - tall, width: bar, height: tall }, style: { fill: row.colour, stroke: token("ink-3"), lineWidth: 0.5 } });
      children.push(text(row.short, x + 1 + (cell - 2 + bar) / 2, y + high / 2 + 1, level > 4 ? "ink" : "ink-2", { align: "center", fontSize: cell < 32 ? 10 : 12, fontWeight: level > 4 ? 600 : 400 }));
    }
    if (day === 1 || params.dataIndex === 0 || option.series[0].data[params.dataIndex - 1].value[0] !== month) {
      children.push(text(months[month].name, left, top + 8, "ink", { fontWeight: 600 }));
      weekdays.forEach((name, n) => children.push(text(name, left + (n + 0.5) * cell, top + 26, "ink-3", { align: "center", fontSize: 11 })));
    }
    return { type: "group", children };
  };

  const CALLS = {
    whisker: () => whisker,
    calendar,
    number: (option, size, places, unit) => (value) => (Array.isArray(value) ? value.map((one) => shown(one, places)).join(" – ") : shown(value, places)) + (unit ? ` ${unit}` : ""),
    // A tooltip is HTML: what the data say is text.
    name: () => (hit) => window.echarts.format.encodeHTML(hit.name || (hit.data && hit.data.name) || "").replaceAll("\n", "<br>"),
  };

  // Copy with names replaced. What the page says is never touched: words do not begin with "$" or "@".
  const filled = (value, option, size) => {
    if (Array.isArray(value)) return value.map((one) => filled(one, option, size));
    if (value && typeof value === "object") return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, filled(one, option, size)]));
    if (typeof value !== "string") return value;
    if (value === "$hatch") return hatch();
    if (value.startsWith("$")) return paint(value.slice(1));
    if (value.startsWith("@")) {
      const [name, ...rest] = value.slice(1).split("|");
      return CALLS[name](option, size, ...rest);
    }
    return value;
  };

  const heightOf = (option, width) => {
    if (option.calendarMonths) return layout(option.calendarMonths.months, width).height;
    const { wide, narrow, below } = option.heights;
    return width < below ? narrow : wide;
  };

  const inner = (holder) => {
    const style = getComputedStyle(holder);
    return holder.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
  };

  const put = (holder) => {
    const option = holder.chartOption;
    const style = getComputedStyle(holder);
    const around = parseFloat(style.paddingTop) + parseFloat(style.paddingBottom);
    holder.style.height = `${Math.ceil(heightOf(option, inner(holder)) + around)}px`;
    const old = window.echarts.getInstanceByDom(holder);
    if (old) old.dispose();
    const chart = window.echarts.init(holder, null, { renderer: "svg" });
    const { heights, calendarMonths, narrow, ...rest } = option;
    const base = {
      animation: false,
      useUTC: true,
      aria: { enabled: true, decal: { show: false } },
      ...rest,
      textStyle: { fontFamily: "$font", color: "$ink" },
    };
    const size = () => inner(holder);
    chart.setOption(filled(base, option, size));
    if (narrow && size() < heights.below) chart.setOption(filled(narrow, option, size));
    holder.dataset.drawn = String(holder.clientWidth);
  };

  const draw = async (holder) => {
    try {
      const answer = await fetch(holder.dataset.chart);
      if (!answer.ok) throw new Error(String(answer.status));
      holder.chartOption = await answer.json();
      put(holder);
    } catch {
      holder.textContent = holder.dataset.failed || "—";
    }
  };

  document.addEventListener("DOMContentLoaded", () => {
    if (!window.echarts) return;
    const holders = () => [...document.querySelectorAll("[data-chart]")];
    const again = () => holders().filter((one) => one.chartOption).forEach(put);
    holders().forEach(draw);
    document.body.addEventListener("htmx:afterSwap", () => holders().filter((one) => !one.chartOption).forEach(draw));
    let timer = 0;
    window.addEventListener("resize", () => {
      clearTimeout(timer);
      timer = setTimeout(() => holders().filter((one) => one.chartOption && one.dataset.drawn !== String(one.clientWidth)).forEach(put), 120);
    });
    new MutationObserver(again).observe(document.documentElement, { attributeFilter: ["data-theme"] });
    window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
  });
})();

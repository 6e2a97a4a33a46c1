// The queue under the keyboard, its small curves, and the air chart.
(() => {
  const list = document.getElementById("queue");
  const rows = () => [...document.querySelectorAll("#queue .q:not(.done)")];

  const select = (row, scroll) => {
    document.querySelectorAll("#queue .q.sel").forEach((old) => old.classList.remove("sel"));
    if (!row) return;
    row.classList.add("sel");
    if (scroll) row.scrollIntoView({ block: "nearest" });
  };

  const move = (by) => {
    const all = rows();
    if (!all.length) return;
    const at = all.findIndex((row) => row.classList.contains("sel"));
    select(all[Math.min(all.length - 1, Math.max(0, at + by))], true);
  };

  const svg = (name, attributes, parent) => {
    const node = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    if (parent) parent.append(node);
    return node;
  };

  // A day of power: order shade, threshold, curve, crossed stretches, missing boxes.
  const spark = (holder, data) => {
    const n = data.v.length;
    if (!n) return;
    const step = 900000, w = 120, h = 28;
    const known = data.v.filter((v) => v !== null);
    const peak = Math.max(1, data.threshold || 0, ...known) * 1.1;
    const x = (slot) => 2 + (116 * slot) / n;
    const y = (value) => 26 - (24 * value) / peak;
    const path = (from, to) => {
      let text = "", pen = "M";
      for (let i = from; i < to; i += 1) {
        if (data.v[i] === null || data.v[i] === undefined) { pen = "M"; continue; }
        text += `${pen}${x(i).toFixed(1)} ${y(data.v[i]).toFixed(1)}H${x(i + 1).toFixed(1)}`;
        pen = "L";
      }
      return text;
    };
    const drawn = svg("svg", { class: "spark", viewBox: `0 0 ${w} ${h}`, role: "img" });
    const begin = Math.max(0, Math.min(n, (data.order - data.start) / step));
    svg("rect", { x: x(begin), y: 0, width: x(n) - x(begin), height: h, fill: "var(--order-bg)" }, drawn);
    if (data.threshold !== null) svg("path", { d: `M2 ${y(data.threshold)}H118`, stroke: "var(--order)", "stroke-dasharray": "2 2" }, drawn);
    svg("path", { d: path(0, n), fill: "none", stroke: "var(--plot)", "stroke-width": 1.25 }, drawn);
    for (const [from, to] of data.runs) {
      svg("path", { d: path(Math.max(0, (from - data.start) / step), Math.min(n, (to - data.start) / step)), fill: "none", stroke: "var(--red)", "stroke-width": 2 }, drawn);
    }
    let gap = -1;
    for (let i = 0; i <= n; i += 1) {
      if (i < n && data.v[i] === null) { if (gap < 0) gap = i; continue; }
      if (gap >= 0) svg("rect", { x: x(gap), y: 2, width: x(i) - x(gap), height: 24, fill: "none", stroke: "var(--blind)", "stroke-dasharray": "2 2" }, drawn);
      gap = -1;
    }
    holder.replaceChildren(drawn);
  };

  const sparks = async () => {
    const holders = [...document.querySelectorAll("[data-spark]")];
    if (!holders.length) return;
    const query = new URLSearchParams(holders.map((h) => ["f", h.dataset.spark]));
    const answer = await fetch(`${list.dataset.sparks}?${query}`);
    if (!answer.ok) return;
    const data = await answer.json();
    holders.forEach((holder) => { if (data[holder.dataset.spark]) spark(holder, data[holder.dataset.spark]); });
  };

  const air = async () => {
    const holder = document.getElementById("air");
    if (!holder || !window.echarts) return;
    const answer = await fetch(holder.dataset.url);
    if (!answer.ok) return;
    const data = await answer.json();
    const points = data.hours.map(([ms, value]) => [ms + data.shift, value]);
    const order = data.order.map((ms) => ms + data.shift);
    if (!points.some((point) => point[1] !== null)) { holder.textContent = holder.dataset.empty; return; }
    holder.textContent = "";
    const chart = window.echarts.init(holder, null, { renderer: "svg" });
    const last = points.length ? points[points.length - 1][0] : 0;
    chart.setOption({
      animation: false,
      useUTC: true,
      textStyle: { fontFamily: token("font") },
      grid: { left: 40, right: 16, top: 24, bottom: 28 },
      tooltip: { trigger: "axis", backgroundColor: token("surface"), borderColor: token("line-2"), textStyle: { color: token("ink") }, valueFormatter: (v) => (v === null || v === undefined ? "—" : `${v} µg/m³`) },
      xAxis: { type: "time", axisLabel: { color: token("ink-3"), fontSize: 12, formatter: { day: "{d} 日", hour: "{HH}:{mm}" }, hideOverlap: true }, axisLine: { lineStyle: { color: token("line-2") } } },
      yAxis: { type: "value", axisLabel: { color: token("ink-3"), fontSize: 12 }, splitLine: { lineStyle: { color: token("grid") } } },
      series: [{
        type: "line", data: points, showSymbol: false, connectNulls: false, color: token("plot"), lineStyle: { width: 2 },
        markArea: order.length && order[0] < last ? { silent: true, itemStyle: { color: token("order-bg") }, label: { color: token("ink-2"), position: "insideTopLeft" }, data: [[{ name: holder.dataset.order, xAxis: Math.max(order[0], points[0][0]) }, { xAxis: last }]] } : undefined,
      }],
    });
    window.addEventListener("resize", () => chart.resize());
  };

  document.addEventListener("DOMContentLoaded", () => {
    if (!list) return;
    select(rows()[0], false);
    list.addEventListener("click", (event) => {
      const row = event.target.closest(".q:not(.done)");
      if (row) select(row, false);
    });
    list.addEventListener("focusin", (event) => {
      const row = event.target.closest(".q:not(.done)");
      if (row) select(row, false);
    });
    document.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
      if (document.querySelector("dialog[open]")) return;
      if (event.key === "j" || event.key === "ArrowDown") { event.preventDefault(); move(1); }
      if (event.key === "k" || event.key === "ArrowUp") { event.preventDefault(); move(-1); }
      // A button of the sheet just closed may still hold the focus for a moment; it is no longer meant.
      const meant = event.target.closest("a, button");
      if (event.key === "Enter" && (!meant || meant.closest("dialog"))) {
        const link = document.querySelector("#queue .q.sel .ti a");
        if (link) link.click();
      }
    });
    // The row decided is replaced by its answer; the next one takes the keys.
    document.body.addEventListener("htmx:afterSwap", (event) => {
      const row = event.detail.elt && event.detail.elt.closest ? event.detail.elt : null;
      if (!row || document.querySelector("#queue .q.sel")) return;
      const all = rows();
      const next = all.find((one) => row.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_FOLLOWING) || all[all.length - 1];
      select(next, true);
    });
    document.body.addEventListener("htmx:responseError", () => {
      const said = document.getElementById("said");
      if (said) { said.hidden = false; said.textContent = list.dataset.failed; }
    });
    sparks();
    air();
  });
})();

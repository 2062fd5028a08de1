/* A chart drawn from the table that stands beside it.

   <figure class="chart" data-chart="bars | stacked | line | across" data-unit="件" data-goal="95">
     <figcaption><h2>…</h2><p>the sentence that says what it shows</p></figcaption>
     <div class="chart-canvas"></div>
     <details class="more"><summary>看表格</summary><table>first column: categories; the others: one series each</table></details>
   </figure>
   A column whose th has data-skip is left out. */

const style = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const numberIn = (cell) => {
  const text = (cell.dataset.value ?? cell.textContent).replace(/[,\s％%]/g, "").match(/-?\d+(\.\d+)?/);
  return text ? Number(text[0]) : null;
};

function read(table) {
  const heads = [...table.tHead.rows[table.tHead.rows.length - 1].cells];
  const rows = [...table.tBodies[0].rows];
  const columns = heads.map((head, index) => ({ head, index })).filter(({ head, index }) => index > 0 && !("skip" in head.dataset));
  return {
    categories: rows.map((row) => row.cells[0].dataset.short ?? row.cells[0].textContent.trim()),
    series: columns.map(({ head, index }) => ({ name: head.textContent.trim(), data: rows.map((row) => numberIn(row.cells[index])) })),
  };
}

function option(figure, { categories, series }) {
  const kind = figure.dataset.chart;
  const unit = figure.dataset.unit ?? "";
  const across = kind === "across";
  const ink = style("--ink-2");
  const font = { color: ink, fontFamily: style("--font"), fontSize: 13 };
  const colours = (kind === "line" ? ["--sea", "--near-ink", "--kept", "--late", "--wait-ink"] : ["--sea", "--sea-2", "--near", "--kept", "--late", "--wait"]).map(style);
  const categoryAxis = {
    type: "category", data: categories, inverse: across, axisTick: { show: false },
    axisLine: { lineStyle: { color: style("--line-strong") } }, axisLabel: { ...font, hideOverlap: true },
  };
  const valueAxis = {
    type: "value", splitLine: { lineStyle: { color: style("--line") } }, axisLabel: { ...font, formatter: (value) => value.toLocaleString() }, splitNumber: 4,
    minInterval: series.every(({ data }) => data.every(Number.isInteger)) ? 1 : 0, // no thirds of a case
    min: figure.dataset.min === undefined ? undefined : Number(figure.dataset.min), max: figure.dataset.max === undefined ? undefined : Number(figure.dataset.max),
  };
  return {
    animation: false,
    color: colours,
    textStyle: font,
    aria: { enabled: true, label: { enabled: false }, decal: { show: series.length > 1 && kind !== "line", decals: decals() } },
    grid: { left: 4, right: across ? 28 : 8, top: series.length > 1 ? 36 : 14, bottom: 4, containLabel: true },
    legend: series.length > 1 ? { show: true, top: 0, left: 0, itemHeight: 12, itemWidth: 18, textStyle: font, icon: kind === "line" ? undefined : "rect" } : { show: false },
    tooltip: {
      trigger: "axis", renderMode: "richText", confine: true, backgroundColor: style("--paper"), borderColor: style("--line-strong"), textStyle: { ...font, color: style("--ink") },
      axisPointer: { type: kind === "line" ? "line" : "shadow" },
      valueFormatter: (value) => (value === null || value === undefined ? "—" : `${Number(value).toLocaleString()} ${unit}`),
    },
    xAxis: across ? valueAxis : categoryAxis,
    yAxis: across ? categoryAxis : valueAxis,
    series: series.map((one, index) => ({
      ...one,
      type: kind === "line" ? "line" : "bar",
      stack: kind === "stacked" ? "all" : undefined,
      barMaxWidth: across ? 16 : 40,
      barCategoryGap: "24%",
      symbol: ["circle", "rect", "triangle", "diamond"][index % 4],
      symbolSize: 8,
      lineStyle: { width: 2.5, type: ["solid", "dashed", "dotted"][index % 3] },
      itemStyle: kind === "line" ? undefined : { borderRadius: across ? [0, 3, 3, 0] : kind === "stacked" && index < series.length - 1 ? 0 : [3, 3, 0, 0] },
      label: across && series.length === 1 ? { show: true, position: "right", ...font, formatter: ({ value }) => value?.toLocaleString() ?? "" } : { show: false },
      markLine: index === 0 && figure.dataset.goal
        ? { silent: true, symbol: "none", lineStyle: { color: style("--late"), type: "dashed" }, label: { ...font, formatter: figure.dataset.goalLabel ?? "{c}", position: "insideEndTop" }, data: [across ? { xAxis: Number(figure.dataset.goal) } : { yAxis: Number(figure.dataset.goal) }] }
        : undefined,
    })),
  };
}

/** Series differ by pattern too: plain, slanted, dotted, crossed. */
function decals() {
  const color = style("--ink-2");
  return [
    { symbol: "none" },
    { color, dashArrayX: [1, 0], dashArrayY: [1, 6], rotation: Math.PI / 4 },
    { color, symbol: "circle", symbolSize: 0.4, dashArrayX: [[6, 6], [0, 6, 6, 0]], dashArrayY: [6, 0] },
    { color, dashArrayX: [1, 0], dashArrayY: [1, 6], rotation: -Math.PI / 4 },
    { color, dashArrayX: [1, 0], dashArrayY: [1, 6], rotation: 0 },
    { color, symbol: "triangle", symbolSize: 0.6, dashArrayX: [[6, 6]], dashArrayY: [6, 2] },
  ];
}

function draw(figure) {
  const place = figure.querySelector(".chart-canvas");
  const told = read(figure.querySelector("table"));
  if (figure.dataset.chart === "across") {
    // Each category has a line for its name, however many there are.
    place.style.height = `${Math.max(place.clientHeight, 70 + told.categories.length * Math.max(20, 12 * told.series.length))}px`;
  }
  const chart = window.echarts.init(place, null, { renderer: "canvas" });
  const caption = figure.querySelector("figcaption");
  place.setAttribute("role", "img");
  place.setAttribute("aria-label", caption.textContent.replace(/\s+/g, " ").trim());
  chart.setOption(option(figure, told));
  new ResizeObserver(() => chart.resize()).observe(place);
  for (const query of ["(prefers-color-scheme: dark)", "print"]) {
    window.matchMedia(query).addEventListener("change", () => chart.setOption(option(figure, told), true));
  }
}

// Drawn where the reader is, not all at once.
const seen = new IntersectionObserver(
  (entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      seen.unobserve(target);
      draw(target);
    }
  },
  { rootMargin: "200px" },
);
// Without a canvas there is nothing to draw: the sentence says so.
document.querySelectorAll("figure[data-chart]:has(.chart-canvas)").forEach((figure) => seen.observe(figure));

// Charts are drawn from the table beside them, which stays their text; without a script it is open.
(() => {
  "use strict";

  const language = document.documentElement.lang;
  const short = new Intl.NumberFormat(language, { notation: "compact", maximumFractionDigits: 1 });
  const exact = new Intl.NumberFormat(language);
  const still = window.matchMedia("(prefers-reduced-motion: reduce)");
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const SYMBOLS = ["circle", "rect", "triangle", "diamond", "emptyCircle", "emptyRect"];
  const DASHES = ["solid", [7, 4], [2, 3], [10, 3, 2, 3], "solid", [5, 5]];
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const number = (text) => (/\d/.test(text) ? Number(text.replace(/[^\d.-]/g, "")) : null);

  // {names, labels, values}: a series for each marked column, a label for each row.
  const read = (table) => {
    const heads = [...table.tHead.rows[0].cells];
    const columns = heads.flatMap((head, n) => ("series" in head.dataset ? [n] : []));
    const told = (row) => !("skipEmpty" in table.dataset) || columns.some((n) => number(row.cells[n].textContent));
    const rows = [...table.tBodies].flatMap((body) => [...body.rows]).filter(told);
    return {
      names: columns.map((n) => heads[n].textContent.trim()),
      labels: rows.map((row) => row.cells[0].textContent.trim()),
      values: columns.map((n) => rows.map((row) => number(row.cells[n].textContent))),
    };
  };

  const common = (data, label) => {
    const ink = colour("--ink-2");
    return {
      animation: !still.matches,
      aria: { enabled: true, label: { description: label }, decal: { show: false } },
      color: [1, 2, 3, 4, 5, 6].map((n) => colour(`--chart-${n}`)),
      textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: ink },
      grid: { left: 4, right: 12, top: 36, bottom: 4, containLabel: true },
      legend: { data: data.names, top: 0, left: 0, itemWidth: 22, itemHeight: 10, textStyle: { color: ink }, type: "scroll", pageTextStyle: { color: ink }, pageIconColor: ink },
      // Text, not HTML: the page's policy allows no style in markup.
      tooltip: { trigger: "axis", renderMode: "richText", confine: true, backgroundColor: colour("--surface"), borderColor: colour("--line"), textStyle: { color: colour("--ink") }, valueFormatter: (value) => (value === null ? "-" : exact.format(value)) },
    };
  };

  const axes = (data) => {
    const ink = colour("--ink-2");
    const named = { type: "category", data: data.labels, axisLine: { lineStyle: { color: colour("--line") } }, axisTick: { show: false }, axisLabel: { color: ink } };
    const counted = { type: "value", minInterval: 1, axisLabel: { color: ink, formatter: (value) => short.format(value) }, splitLine: { lineStyle: { color: colour("--line") } } };
    return { named, counted };
  };

  // All of it as a frame, what was done within it.
  const framed = (data, width) => {
    const frame = { color: "transparent", borderColor: colour("--ink-2"), borderWidth: 1.2 };
    return data.names.map((name, n) => ({
      name, type: "bar", data: data.values[n], barGap: "-100%", barMaxWidth: width, z: n ? 2 : 3,
      itemStyle: n ? { color: colour("--done") } : frame,
    }));
  };

  const KINDS = {
    bars: (data, label) => {
      const { named, counted } = axes(data);
      return { ...common(data, label), xAxis: named, yAxis: counted, series: framed(data, 26) };
    },
    // The same lying down, for names that are long or many.
    frames: (data, label) => {
      const { named, counted } = axes(data);
      return { ...common(data, label), xAxis: counted, yAxis: { ...named, inverse: true }, series: framed(data, 14) };
    },
    lines: (data, label) => {
      const { named, counted } = axes(data);
      const series = data.names.map((name, n) => ({
        name, type: "line", data: data.values[n], symbol: SYMBOLS[n], symbolSize: 8, lineStyle: { type: DASHES[n], width: 2 },
      }));
      return { ...common(data, label), xAxis: named, yAxis: counted, series };
    },
    stack: (data, label) => {
      const { named, counted } = axes(data);
      const series = data.names.map((name, n) => ({ name, type: "bar", stack: "all", data: data.values[n], barMaxWidth: 18 }));
      const option = { ...common(data, label), xAxis: counted, yAxis: { ...named, inverse: true }, series };
      option.aria.decal.show = true;
      return option;
    },
  };

  // How high a row is where places lie below each other.
  const ROWS = { stack: 27, frames: 21 };
  const figures = [...document.querySelectorAll("figure[data-chart]")];
  const drawn = new Map();

  const draw = (figure) => {
    const data = read(figure.querySelector("table"));
    if (!data.labels.length) return;
    const canvas = figure.querySelector(".canvas");
    const details = figure.querySelector("details");
    if (!drawn.has(figure)) {
      const row = ROWS[figure.dataset.chart];
      if (row) canvas.style.height = `${80 + row * data.labels.length}px`;
      canvas.hidden = false;
      canvas.setAttribute("role", "img");
      details.open = false;
      drawn.set(figure, window.echarts.init(canvas, null, { locale: language.startsWith("zh") ? "ZH" : "EN" }));
    }
    drawn.get(figure).setOption(KINDS[figure.dataset.chart](data, figure.dataset.label), true);
  };

  const redraw = () => figures.forEach(draw);
  if (!window.echarts) return;
  redraw();
  dark.addEventListener("change", redraw);
  still.addEventListener("change", redraw);
  new ResizeObserver(() => drawn.forEach((chart) => chart.resize())).observe(document.querySelector("main"));

  // On paper the table speaks.
  const opened = new Set();
  window.addEventListener("beforeprint", () =>
    document.querySelectorAll(".board details:not([open])").forEach((details) => {
      opened.add(details);
      details.open = true;
    }));
  window.addEventListener("afterprint", () => {
    opened.forEach((details) => (details.open = false));
    opened.clear();
  });
})();

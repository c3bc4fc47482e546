// data_visualization: bar, line, area and pie, drawn as SVG, with a legend, a tooltip, and the numbers as a table.

import { fill, h, icon, s } from "./dom.js";

const HEIGHT = 270;
const colour = (at) => `var(--series-${at % 12})`;

const compact = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 2 });
const exact = new Intl.NumberFormat("en", { maximumFractionDigits: 2 });

/** Round values at equal distance that hold all of lowest..highest, zero included. */
export function ticks(lowest, highest, wanted = 5) {
  const low = Math.min(0, lowest), high = Math.max(0, highest);
  const rough = (high - low || 1) / wanted;
  const unit = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((one) => one * unit).find((one) => one >= rough * 0.999);
  const found = [];
  for (let at = Math.floor(low / step + 1e-9); at * step < high + step * 0.999; at += 1) found.push(Number((at * step).toPrecision(12)));
  return found;
}

function plot(chart, whole) {
  const categories = chart.axis_config.categories;
  const values = chart.series.map((one) => categories.map((label) => one.data.find((point) => point.label === label)?.value ?? 0));
  const marks = ticks(Math.min(...values.flat()), Math.max(...values.flat()));
  const wide = Math.max(...marks.map((one) => compact.format(one).length));
  const box = { left: 14 + wide * 7 + (chart.axis_config.y_label ? 18 : 0), right: 12, top: 10, bottom: chart.axis_config.x_label ? 46 : 28 };
  const inner = { width: whole - box.left - box.right, height: HEIGHT - box.top - box.bottom };
  const lowest = marks[0], span = marks[marks.length - 1] - lowest || 1;
  const y = (value) => box.top + inner.height * (1 - (value - lowest) / span);
  const band = inner.width / categories.length;
  const middle = (at) => box.left + band * (at + 0.5);
  return { categories, values, marks, box, inner, y, band, middle, whole };
}

function axes(chart, p) {
  const lines = p.marks.map((mark) => [
    s("line", { x1: p.box.left, x2: p.whole - p.box.right, y1: p.y(mark), y2: p.y(mark), class: mark === 0 ? "zero" : "rule" }),
    s("text", { x: p.box.left - 8, y: p.y(mark) + 4, "text-anchor": "end" }, compact.format(mark)),
  ]);
  const longest = Math.max(...p.categories.map((one) => one.length));
  const every = Math.ceil(Math.min(longest, 14) * 6.8 / p.band);
  const labels = p.categories.map((label, at) => {
    if (at % every) return null;
    const room = Math.floor(p.band * every / 6.4);
    const shown = label.length > room ? `${label.slice(0, Math.max(1, room - 1))}…` : label;
    return s("text", { x: p.middle(at), y: HEIGHT - p.box.bottom + 18, "text-anchor": "middle" }, shown);
  });
  const { x_label: below, y_label: beside } = chart.axis_config;
  return [lines, labels,
    below && s("text", { x: p.box.left + p.inner.width / 2, y: HEIGHT - 6, "text-anchor": "middle", class: "axis" }, below),
    beside && s("text", { x: 12, y: p.box.top + p.inner.height / 2, "text-anchor": "middle", class: "axis", transform: `rotate(-90 12 ${p.box.top + p.inner.height / 2})` }, beside)];
}

function bars(chart, p) {
  const group = Math.min(p.band * 0.72, 64 * chart.series.length), width = group / chart.series.length;
  return chart.series.flatMap((one, at) => p.categories.map((label, index) => {
    const value = p.values[at][index];
    const top = Math.min(p.y(value), p.y(0)), height = Math.max(Math.abs(p.y(value) - p.y(0)), value ? 1 : 0);
    const x = p.middle(index) - group / 2 + at * width;
    return s("rect", { x: x + Math.min(1, width * 0.06), y: top, width: Math.max(1, width - Math.min(2, width * 0.12)), height, rx: Math.min(3, width / 4), fill: colour(at) });
  }));
}

function curves(chart, p, filled) {
  return chart.series.map((one, at) => {
    const points = p.values[at].map((value, index) => [p.middle(index), p.y(value)]);
    const path = points.map(([x, y], index) => `${index ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");
    const last = points[points.length - 1][0], first = points[0][0];
    return [
      filled && s("path", { d: `${path}L${last} ${p.y(0)}L${first} ${p.y(0)}Z`, fill: colour(at), "fill-opacity": 0.18 }),
      s("path", { d: path, fill: "none", stroke: colour(at), "stroke-width": 2.25, "stroke-linejoin": "round", "stroke-linecap": "round" }),
      points.length < 26 && points.map(([x, y]) => s("circle", { cx: x, cy: y, r: points.length > 14 ? 2.2 : 3, fill: colour(at) })),
    ];
  });
}

function axisChart(chart, title, tip, whole) {
  const p = plot(chart, whole);
  const shapes = chart.type === "bar" ? bars(chart, p) : curves(chart, p, chart.type === "area");
  const marker = s("line", { y1: p.box.top, y2: HEIGHT - p.box.bottom, class: "marker", visibility: "hidden" });
  const show = (index) => {
    marker.setAttribute("visibility", chart.type === "bar" ? "hidden" : "visible");
    marker.setAttribute("x1", p.middle(index));
    marker.setAttribute("x2", p.middle(index));
    tip.show(p.middle(index) / whole, p.categories[index], chart.series.map((one, at) => [at, one.name, p.values[at][index]]));
  };
  const hide = () => { marker.setAttribute("visibility", "hidden"); tip.hide(); };
  const zones = p.categories.map((label, index) => s("rect", {
    x: p.middle(index) - p.band / 2, y: p.box.top, width: p.band, height: p.inner.height, class: "zone", tabindex: index ? "-1" : "0", "aria-label": label,
    onpointerenter: () => show(index), onfocus: () => show(index), onblur: hide,
    onkeydown: (e) => { const next = { ArrowRight: 1, ArrowLeft: -1 }[e.key]; if (next && zones[index + next]) { e.preventDefault(); zones[index + next].focus(); } },
  }));
  const frame = { viewBox: `0 0 ${whole} ${HEIGHT}`, role: "group", "aria-label": `${chart.type} chart: ${title}`, onpointerleave: hide };
  return s("svg", frame, axes(chart, p), marker, shapes, zones);
}

function pieChart(chart, title, tip) {
  const total = chart.segments.reduce((sum, one) => sum + one.value, 0);
  const size = 220, middle = size / 2, outer = 104, hole = 58;
  const at = (turn, radius) => [middle + radius * Math.sin(turn * 2 * Math.PI), middle - radius * Math.cos(turn * 2 * Math.PI)].map((one) => one.toFixed(2)).join(" ");
  let from = 0;
  const slices = chart.segments.map((one, index) => {
    const share = Math.min(one.value / total, 0.99999), to = from + share, large = share > 0.5 ? 1 : 0;
    const d = `M${at(from, outer)}A${outer} ${outer} 0 ${large} 1 ${at(to, outer)}L${at(to, hole)}A${hole} ${hole} 0 ${large} 0 ${at(from, hole)}Z`;
    const show = () => tip.show(0.5, one.label, [[index, `${(share * 100).toFixed(1)}%`, one.value]]);
    from += one.value / total;
    return s("path", { d, fill: colour(index), class: "slice", tabindex: "0", "aria-label": `${one.label} ${exact.format(one.value)}`, onpointerenter: show, onfocus: show, onblur: () => tip.hide() });
  });
  return s("svg", { viewBox: `0 0 ${size} ${size}`, class: "pie", role: "group", "aria-label": `pie chart: ${title}`, onpointerleave: () => tip.hide() }, slices);
}

function tooltip() {
  const node = h("div", { cls: "tip", hidden: true, role: "status" });
  return {
    node,
    hide: () => { node.hidden = true; },
    show(left, head, rows) {
      fill(node, h("strong", {}, head), rows.map(([at, name, value]) => h("div", {}, h("i", { cls: "dot", vars: { "--tint": colour(at) } }), h("span", {}, name), h("b", {}, exact.format(value)))));
      node.hidden = false;
      node.style.left = `${left * 100}%`;
      node.style.transform = `translateX(${left > 0.6 ? "calc(-100% - 12px)" : "12px"})`;
    },
  };
}

function legend(names, shares) {
  return h("ul", { cls: shares ? "legend tall" : "legend" }, names.map((name, at) => h("li", {}, h("i", { cls: "dot", vars: { "--tint": colour(at) } }), h("span", {}, name), shares && h("b", {}, shares[at]))));
}

function numbers(chart) {
  const pie = chart.type === "pie";
  const head = pie ? ["", "Value"] : [chart.axis_config.x_label || "", ...chart.series.map((one) => one.name)];
  const rows = pie
    ? chart.segments.map((one) => [one.label, one.value])
    : chart.axis_config.categories.map((label) => [label, ...chart.series.map((one) => one.data.find((point) => point.label === label)?.value)]);
  const cell = (one, at) => h("td", { cls: at ? "to-right" : "" }, at ? exact.format(one) : one);
  return h("div", { cls: "scroll chart-table" }, h("table", { cls: "grid" }, h("thead", {}, h("tr", {}, head.map((one, at) => h("th", { cls: at ? "to-right" : "" }, one)))), h("tbody", {}, rows.map((row) => h("tr", {}, row.map(cell))))));
}

/** A chart with axes in the width that there is, so that its text keeps its size. */
function fitted(data, title, tip) {
  const canvas = h("div", { cls: "canvas" });
  let wide = 0;
  const draw = (to) => {
    if (to < 40 || to === wide) return;
    wide = to;
    fill(canvas, axisChart(data, title, tip, wide), tip.node);
  };
  new ResizeObserver(([one]) => draw(Math.round(one.contentRect.width))).observe(canvas);
  draw(620);
  return canvas;
}

export function chart(block) {
  const tip = tooltip(), data = block.chart, pie = data.type === "pie";
  const total = pie ? data.segments.reduce((sum, one) => sum + one.value, 0) : 0;
  const drawn = pie
    ? h("div", { cls: "pie-row" }, h("div", { cls: "canvas" }, pieChart(data, block.title, tip), tip.node), legend(data.segments.map((one) => one.label), data.segments.map((one) => `${(one.value / total * 100).toFixed(1)}%`)))
    : h("div", {}, fitted(data, block.title, tip), legend(data.series.map((one) => one.name)));
  const table = numbers(data);
  table.hidden = true;
  const toggle = h("button", { cls: "quiet", type: "button", "aria-pressed": "false", title: "Show the numbers", onclick: () => {
    table.hidden = !table.hidden;
    drawn.hidden = !table.hidden;
    toggle.setAttribute("aria-pressed", String(!table.hidden));
    fill(toggle, icon(table.hidden ? "table" : "chart", 16), table.hidden ? "Table" : "Chart");
  } }, icon("table", 16), "Table");
  return h("figure", { cls: "chart" }, h("figcaption", {}, h("strong", {}, block.title), toggle), drawn, table);
}

// table and data_table blocks, and the preview of a CSV file.

import { fill, h, icon } from "./dom.js";
import { richText } from "./text.js";

const shown = (cell) => {
  if (cell.type === "rich_text") return richText(cell);
  if (cell.type === "raw_number") return cell.text ?? new Intl.NumberFormat("en").format(cell.value);
  return cell.text;
};

export function table(block) {
  const settings = block.column_settings || [];
  const cls = (at) => `to-${settings[at]?.align || "left"}${settings[at]?.is_wrapped ? " wrap" : ""}`;
  const line = (row, tag) => h("tr", {}, row.map((cell, at) => h(tag, { cls: cls(at), scope: tag === "th" ? "col" : null }, shown(cell))));
  const [head, ...rest] = block.rows;
  return h("div", { cls: "scroll" }, h("table", { cls: "grid" }, h("thead", {}, line(head, "th")), h("tbody", {}, rest.map((row) => line(row, "td")))));
}

const plainly = (cell) => (cell.type === "raw_number" ? cell.value : cell.type === "rich_text" ? richText(cell).textContent : cell.text ?? cell.fallback?.text ?? "");

export function dataTable(block, press) {
  const [head, ...rows] = block.rows;
  const size = block.page_size || 5, pages = Math.ceil(rows.length / size);
  const none = (one) => one.type === "raw_text" && one.text === "–";
  const numeric = head.map((_, at) => rows.some((row) => row[at].type === "raw_number") && rows.every((row) => row[at].type === "raw_number" || none(row[at])));
  const state = { by: null, down: false, page: 0 };
  const body = h("tbody"), place = h("span", { "aria-live": "polite" });
  const order = () => {
    if (state.by === null) return rows;
    const key = (row) => (numeric[state.by] && none(row[state.by]) ? -Number.MAX_VALUE : plainly(row[state.by]));
    const compare = numeric[state.by] ? (a, b) => key(a) - key(b) : (a, b) => String(key(a)).localeCompare(String(key(b)), "en", { numeric: true });
    return [...rows].sort((a, b) => (state.down ? -1 : 1) * compare(a, b));
  };
  const cell = (one, at) => {
    const inside = one.type === "action_cell" ? press(one.element) : shown(one);
    const named = at === (block.row_header_column_index ?? 0);
    return h(named ? "th" : "td", { cls: numeric[at] ? "to-right" : "", scope: named ? "row" : null }, inside);
  };
  const draw = () => {
    fill(body, order().slice(state.page * size, (state.page + 1) * size).map((row) => h("tr", {}, row.map(cell))));
    place.textContent = `${state.page * size + 1}–${Math.min(rows.length, (state.page + 1) * size)} of ${rows.length}`;
    earlier.disabled = state.page === 0;
    later.disabled = state.page >= pages - 1;
    heads.forEach((one, at) => one.setAttribute("aria-sort", state.by !== at ? "none" : state.down ? "descending" : "ascending"));
  };
  const turn = (by) => () => { state.page += by; draw(); };
  const sort = (at) => () => {
    state.down = state.by === at ? !state.down : numeric[at];
    state.by = at;
    state.page = 0;
    draw();
  };
  const earlier = h("button", { type: "button", cls: "quiet", "aria-label": "Previous page", onclick: turn(-1) }, icon("back", 16));
  const later = h("button", { type: "button", cls: "quiet", "aria-label": "Next page", onclick: turn(1) }, icon("right", 16));
  const heads = head.map((one, at) => h("th", { scope: "col", cls: numeric[at] ? "to-right" : "" }, h("button", { type: "button", onclick: sort(at) }, numeric[at] && icon("down", 12), shown(one), !numeric[at] && icon("down", 12))));
  draw();
  return h("figure", { cls: "data-table" },
    h("figcaption", {}, h("strong", {}, block.caption)),
    h("div", { cls: "scroll" }, h("table", { cls: "grid sortable" }, h("thead", {}, h("tr", {}, heads)), body)),
    pages > 1 ? h("div", { cls: "pager" }, place, earlier, later) : null);
}

/** The first lines of a CSV file; quoted fields may hold commas and line breaks. */
export function csv(text, most = 6) {
  const rows = [[""]];
  let quoted = false;
  for (let at = 0; at < text.length && rows.length <= most; at += 1) {
    const one = text[at], row = rows[rows.length - 1];
    if (quoted && one === '"' && text[at + 1] === '"') { row[row.length - 1] += '"'; at += 1; }
    else if (one === '"') quoted = !quoted;
    else if (one === "," && !quoted) row.push("");
    else if (one === "\n" && !quoted) rows.push([""]);
    else if (one !== "\r") row[row.length - 1] += one;
  }
  const full = rows.filter((row) => row.some(Boolean)).slice(0, most);
  const line = (row, tag) => h("tr", {}, row.map((cell) => h(tag, {}, cell)));
  return h("div", { cls: "scroll" }, h("table", { cls: "grid csv" }, h("thead", {}, full.slice(0, 1).map((row) => line(row, "th"))), h("tbody", {}, full.slice(1).map((row) => line(row, "td")))));
}

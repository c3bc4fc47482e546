// Every block, as nodes. `context` says who looks, what fields hold, and what to do when something is used.

import { chart } from "./charts.js";
import { append, h, icon } from "./dom.js";
import { draw } from "./elements.js";
import { dataTable, table } from "./tables.js";
import { markdown, plain, richText, words } from "./text.js";

function section(block, context) {
  const fields = block.fields && h("div", { cls: "fields" }, block.fields.map((one) => h("div", {}, words(one))));
  const beside = block.accessory && h("div", { cls: "accessory" }, draw(block, block.accessory, context));
  return h("div", { cls: "section" }, h("div", { cls: "section-text" }, block.text && h("div", {}, words(block.text)), fields), beside);
}

function image(block) {
  const source = block.image_url || (block.slack_file?.url ?? `/files/${block.slack_file?.id}/`);
  return h("figure", { cls: "picture" }, block.title && h("figcaption", {}, plain(block.title.text)), h("img", { src: source, alt: block.alt_text, loading: "lazy" }));
}

function card(block, context) {
  const hero = block.hero_image && h("img", { cls: "hero", src: block.hero_image.image_url, alt: block.hero_image.alt_text });
  const badge = block.icon ? h("img", { src: block.icon.image_url, alt: block.icon.alt_text, width: 20, height: 20 }) : block.slack_icon && icon("info", 20);
  const line = (one, cls) => one && h("div", { cls }, words(one));
  const actions = block.actions && h("div", { cls: "actions" }, block.actions.map((one) => draw(block, one, context)));
  return h("div", { cls: "card" }, hero, h("div", { cls: "card-head" }, badge, h("div", {}, line(block.title, "card-title"), line(block.subtitle, "faint"))), line(block.body), line(block.subtext, "faint small"), actions);
}

function carousel(block, context) {
  const track = h("div", { cls: "track", tabindex: "0", role: "list" }, block.elements.map((one) => h("div", { role: "listitem" }, card(one, context))));
  const arrow = (cls, label, glyph, by) => h("button", { type: "button", cls: `quiet ${cls}`, "aria-label": label, onclick: () => track.scrollBy({ left: by * 262, behavior: "smooth" }) }, icon(glyph));
  const back = arrow("prev", "Previous", "back", -1), on = arrow("next", "Next", "right", 1);
  const ends = () => { back.disabled = track.scrollLeft < 8; on.disabled = track.scrollLeft + track.clientWidth > track.scrollWidth - 8; };
  track.addEventListener("scroll", ends);
  new ResizeObserver(ends).observe(track);
  return h("div", { cls: "carousel" }, track, back, on);
}

function container(block, context) {
  const title = block.title ? plain(block.title.text) : richText(block.rich_text_title);
  const head = [block.icon && h("img", { src: block.icon.image_url, alt: block.icon.alt_text, width: 20, height: 20 }), h("span", { cls: "container-title" }, title), block.subtitle && h("span", { cls: "faint" }, words(block.subtitle))];
  const inside = h("div", { cls: "container-body" }, blocks(block.child_blocks, context));
  const cls = `container ${block.width || "standard"}`;
  if (block.is_collapsible) return h("details", { cls, open: !block.default_collapsed }, h("summary", {}, icon("right", 14), head), inside);
  return h("div", { cls }, h("div", { cls: block.has_header_divider ? "container-head ruled" : "container-head" }, head), inside);
}

const STATE = { pending: "○", in_progress: "", complete: "✓", error: "!" };

export function task(one) {
  const detail = (part) => part && (typeof part === "string" ? h("div", { cls: "faint" }, part) : h("div", { cls: "faint" }, richText(part)));
  const sources = one.sources?.length ? h("div", { cls: "sources" }, one.sources.map((each) => h("a", { href: /^https?:/.test(each.url) ? each.url : null, target: "_blank", rel: "noopener noreferrer" }, each.text || each.url))) : null;
  const status = one.status || "complete";
  return h("div", { cls: "task" }, h("span", { cls: `state ${status}`, role: "img", "aria-label": status.replace("_", " ") }, STATE[status]), h("div", {}, h("div", {}, one.title), detail(one.details), detail(one.output), sources));
}

export const plan = (block) => h("details", { cls: "plan", open: true }, h("summary", {}, icon("right", 14), h("span", {}, block.title)), block.tasks.map(task));

function alert(block) {
  return h("div", { cls: `alert ${block.level || "default"}`, role: "note" }, icon(["warning", "error"].includes(block.level) ? "warn" : "info"), h("div", {}, words(block.text)));
}

function input(block, context) {
  const wrong = context.errors?.[block.block_id];
  const element = draw(block, block.element, { ...context, label: block.label.text, dispatches: block.dispatch_action });
  return h("div", { cls: wrong ? "input wrong" : "input", "data-block": block.block_id }, h("div", { cls: "label" }, plain(block.label.text), block.optional && h("span", { cls: "faint" }, " (optional)")), element,
    wrong && h("div", { cls: "field-error", role: "alert" }, icon("warn", 14), wrong), block.hint && h("div", { cls: "hint" }, plain(block.hint.text)));
}

const DRAW = {
  header: (block) => h(`h${(block.level || 1) + 2}`, { cls: `header level-${block.level || 1}` }, plain(block.text.text)),
  section, image, card, carousel, container, plan, alert, input,
  context: (block) => h("div", { cls: "context" }, block.elements.map((one) => (one.type === "image" ? h("img", { src: one.image_url, alt: one.alt_text }) : h("span", {}, words(one))))),
  actions: (block, context) => h("div", { cls: "actions" }, block.elements.map((one) => draw(block, one, context))),
  divider: () => h("hr"),
  rich_text: richText,
  markdown: (block) => markdown(block.text),
  table,
  data_table: (block, context) => dataTable(block, (element) => draw(block, element, context)),
  data_visualization: chart,
  context_actions: (block, context) => h("div", { cls: "context-actions" }, block.elements.map((one) => draw(block, one, context))),
  task_card: (block) => h("div", { cls: "plan" }, task(block)),
};

export function blocks(list, context) {
  return append(h("div", { cls: "blocks" }), list.map((block) => {
    try {
      return h("div", { cls: `block is-${block.type}` }, (DRAW[block.type] || (() => h("div", { cls: "unknown" }, `This page cannot draw a ${block.type} block.`)))(block, context));
    } catch (problem) {
      return h("div", { cls: "unknown" }, `This page failed to draw a ${block.type} block: ${problem.message}`);
    }
  }));
}

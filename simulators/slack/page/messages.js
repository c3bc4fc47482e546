// One message: its head, its words and blocks, its files, its thread, what one can do with it.

import { blocks, plan, task } from "./blocks.js";
import { avatar, h, icon } from "./dom.js";
import { csv } from "./tables.js";
import { markdown, mrkdwn, when } from "./text.js";

export const clock = (ts) => when(Number(ts), "{time}");
export const day = (ts) => when(Number(ts), "{date_long}");

function file(one) {
  const size = one.size > 2000 ? `${(one.size / 1024).toFixed(1)} kB` : `${one.size} B`;
  const image = /^image\//.test(one.mimetype);
  const preview = image ? h("img", { src: one.url_private, alt: one.alt_txt || one.title }) : one.filetype === "csv" ? csv(one.preview) : h("pre", {}, one.preview.split("\n").slice(0, 6).join("\n"));
  return h("div", { cls: "file" }, h("div", { cls: "file-head" }, h("span", { cls: "file-icon" }, icon("file", 22)), h("div", {}, h("strong", {}, one.title), h("div", { cls: "faint small" }, `${one.filetype.toUpperCase()} · ${size}`)),
    h("a", { cls: "button", href: one.url_private, download: one.name, "aria-label": `Download ${one.name}` }, icon("download", 16), "Download")), preview);
}

function content(message, context) {
  const out = [];
  if (message.markdown) out.push(markdown(message.markdown));
  if (message.tasks?.length) out.push(message.plan ? plan({ title: message.plan, tasks: message.tasks }) : h("div", { cls: "plan" }, message.tasks.map(task)));
  if (message.blocks?.length && (message.bot_id || !message.text)) out.push(blocks(message.blocks, context));
  else if (!message.markdown && message.text) out.push(h("div", { cls: "plain" }, mrkdwn(message.text)));
  for (const one of message.attachments || []) out.push(h("div", { cls: "attachment", vars: { "--tint": /^#[0-9a-f]{3,6}$/i.test(one.color) ? one.color : null } }, one.blocks ? blocks(one.blocks, context) : mrkdwn(one.text || one.fallback || "")));
  if (message.streaming) out.push(h("span", { cls: "cursor", "aria-label": "still writing" }));
  for (const one of message.files || []) out.push(file(one));
  return out;
}

function thread(message, world, open) {
  if (!message.replies) return null;
  const faces = message.repliers.slice(0, 4).map((one) => avatar(world.people[one], 24));
  return h("button", { type: "button", cls: "replies", onclick: () => open(message.ts) }, faces, h("b", {}, `${message.replies} ${message.replies === 1 ? "reply" : "replies"}`), h("span", { cls: "faint" }, "View thread"));
}

/** `acts` has click(message, …), suggest(message, …), thread(ts), shortcut; `joined` leaves the head out. */
export function message(one, world, acts, { joined = false, inThread = false } = {}) {
  const author = world.people[one.user] || { id: one.user, real_name: one.user };
  const context = { id: one.ts, world: world.tell, use: (block, element, value) => acts.click(one, block, element, value), suggest: (element, query) => acts.suggest(one, element, query) };
  const head = joined ? null : h("div", { cls: "who" }, h("b", {}, author.real_name), author.bot && h("span", { cls: "badge" }, "APP"), author.outside && h("span", { cls: "badge outside" }, author.outside), h("time", { title: day(one.ts) }, clock(one.ts)));
  const reactions = one.reactions?.length ? h("div", { cls: "reactions" }, one.reactions.map((each) => h("span", { cls: "reaction" }, mrkdwn(`:${each.name}:`), ` ${each.count}`))) : null;
  const tools = one.ephemeral ? null : h("div", { cls: "tools" },
    !inThread && h("button", { type: "button", title: "Reply in thread", "aria-label": "Reply in thread", onclick: () => acts.thread(one.thread_ts || one.ts) }, icon("thread")),
    acts.shortcuts?.map((each) => h("button", { type: "button", title: each.name, "aria-label": each.name, onclick: () => acts.shortcut(each, one) }, icon("dots"))));
  return h("article", { cls: `message${one.ephemeral ? " ephemeral" : ""}${joined ? " joined" : ""}`, "data-ts": one.ts, "aria-label": `${author.real_name} at ${clock(one.ts)}` },
    one.ephemeral && h("div", { cls: "only-you" }, icon("eye", 14), "Only visible to you"),
    joined ? h("time", { cls: "gutter" }, clock(one.ts).replace(/ [AP]M/, "")) : avatar(author),
    h("div", { cls: "said" }, head, content(one, context), one.edited && h("span", { cls: "faint small" }, "(edited)"), reactions, !inThread && thread(one, world, acts.thread)), tools);
}

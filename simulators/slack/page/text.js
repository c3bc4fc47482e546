// Slack's mrkdwn, Markdown and rich text, as nodes.

import { h } from "./dom.js";

const EMOJI = Object.fromEntries(
  ("smile 😄 slightly_smiling_face 🙂 wave 👋 tada 🎉 rocket 🚀 fire 🔥 eyes 👀 bulb 💡 moneybag 💰 money_with_wings 💸 dollar 💵 " +
  "credit_card 💳 receipt 🧾 chart_with_upwards_trend 📈 chart_with_downwards_trend 📉 bar_chart 📊 calendar 📆 date 📅 spiral_calendar_pad 🗓️ clock1 🕐 hourglass_flowing_sand ⏳ hourglass ⌛ " +
  "warning ⚠️ rotating_light 🚨 no_entry ⛔ no_entry_sign 🚫 lock 🔒 key 🔑 white_check_mark ✅ heavy_check_mark ✔️ ballot_box_with_check ☑️ x ❌ question ❓ grey_question ❔ exclamation ❗ information_source ℹ️ " +
  "large_green_circle 🟢 large_yellow_circle 🟡 large_orange_circle 🟠 red_circle 🔴 large_blue_circle 🔵 white_circle ⚪ black_circle ⚫ small_red_triangle 🔺 small_red_triangle_down 🔻 " +
  "arrow_up ⬆️ arrow_down ⬇️ arrow_right ➡️ arrow_left ⬅️ arrow_upper_right ↗️ arrow_lower_right ↘️ mag 🔍 mag_right 🔎 bell 🔔 no_bell 🔕 mute 🔇 zzz 💤 pushpin 📌 link 🔗 " +
  "page_facing_up 📄 file_folder 📁 open_file_folder 📂 package 📦 cloud ☁️ robot_face 🤖 brain 🧠 gear ⚙️ wrench 🔧 hammer_and_wrench 🛠️ house 🏠 office 🏢 busts_in_silhouette 👥 bust_in_silhouette 👤 " +
  "+1 👍 -1 👎 thumbsup 👍 thumbsdown 👎 pray 🙏 clap 👏 heart ❤️ sparkles ✨ star ⭐ speech_balloon 💬 thought_balloon 💭 memo 📝 clipboard 📋 inbox_tray 📥 outbox_tray 📤 repeat 🔁 " +
  "arrows_counterclockwise 🔄 double_vertical_bar ⏸️ arrow_forward ▶️ stop_sign 🛑 construction 🚧 checkered_flag 🏁 dart 🎯 seedling 🌱 test_tube 🧪 microscope 🔬 shield 🛡️ crystal_ball 🔮 alarm_clock ⏰ stopwatch ⏱️ bug 🐛 scales ⚖️ balance_scale ⚖️")
    .split(" ").reduce((pairs, word, at, all) => (at % 2 ? [...pairs, [all[at - 1], word]] : pairs), []),
);

let world = { people: {}, all_channels: {}, usergroups: {}, tz: undefined, act: {} };
export const know = (known) => { world = { ...world, ...known }; };

export const unescape = (text) => text.replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&");
const emoji = (name) => (EMOJI[name] ? h("span", { cls: "emoji", role: "img", "aria-label": name }, EMOJI[name]) : `:${name}:`);

function anchor(url, label) {
  const safe = /^(https?:|mailto:|\/)/.test(url);
  const inside = url.match(/\/archives\/([A-Z0-9]+)\/p(\d{10})(\d{6})$/);
  if (inside) return h("a", { href: "#", onclick: (e) => { e.preventDefault(); world.act.goto?.(inside[1], `${inside[2]}.${inside[3]}`); } }, label);
  return safe ? h("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, label) : h("span", {}, label);
}

const mention = (text, own) => h("span", { cls: own ? "mention own" : "mention" }, text);
const person = (id) => mention(`@${world.people[id]?.real_name || world.people[id]?.name || id}`, id === world.me);
const channel = (id, name) => mention(`#${world.all_channels[id] || name || "private channel"}`);
const group = (id, name) => mention(name || `@${world.usergroups[id] || id}`);

export function when(seconds, format, fallback) {
  const at = new Date(seconds * 1000);
  const tell = (options) => new Intl.DateTimeFormat("en", { timeZone: world.tz, ...options }).format(at);
  const known = {
    date_num: () => new Intl.DateTimeFormat("sv", { timeZone: world.tz }).format(at),
    date: () => tell({ month: "long", day: "numeric", year: "numeric" }),
    date_short: () => tell({ month: "short", day: "numeric", year: "numeric" }),
    date_long: () => tell({ weekday: "long", month: "long", day: "numeric", year: "numeric" }),
    time: () => tell({ hour: "numeric", minute: "2-digit" }),
    time_secs: () => tell({ hour: "numeric", minute: "2-digit", second: "2-digit" }),
    ago: () => tell({ month: "short", day: "numeric", hour: "numeric", minute: "2-digit" }),
  };
  for (const one of ["date", "date_short", "date_long"]) known[`${one}_pretty`] = known[one];
  known.day_divider_pretty = known.date_long;
  try {
    return format.replace(/\{(\w+)\}/g, (whole, name) => (known[name] ? known[name]() : whole));
  } catch {
    return fallback || format;
  }
}

function entity(inner) {
  const [target, label] = inner.split(/\|(.*)/s);
  if (target.startsWith("@")) return person(target.slice(1));
  if (target.startsWith("#")) return channel(target.slice(1), label);
  if (target.startsWith("!subteam^")) return group(target.slice(9), label);
  if (target.startsWith("!date^")) {
    const [, seconds, format, link] = target.split("^");
    const told = when(Number(seconds), unescape(format), label);
    return link ? anchor(link, told) : h("time", {}, told);
  }
  if (target.startsWith("!")) return mention(`@${target.slice(1)}`);
  return anchor(unescape(target), unescape(label || target.replace(/^mailto:/, "")));
}

// Inline styles of mrkdwn: the first rule that matches earliest wins; what lies within is read again.
const EDGE = "(^|[\\s(\\[{\"'*_~>—–·,.:;/-])";
const END = "(?=$|[\\s)\\]}\"'*_~<.,:;!?—–·/-])";
const RULES = [
  [/`([^`\n]+)`/, (m) => h("code", {}, unescape(m[1]))],
  [/<([^<>]+)>/, (m) => entity(m[1])],
  [new RegExp(`${EDGE}\\*(?=\\S)([^*\\n]*[^*\\s])\\*${END}`), (m) => [m[1], h("strong", {}, inline(m[2]))]],
  [new RegExp(`${EDGE}_(?=\\S)([^_\\n]*[^_\\s])_${END}`), (m) => [m[1], h("em", {}, inline(m[2]))]],
  [new RegExp(`${EDGE}~(?=\\S)([^~\\n]*[^~\\s])~${END}`), (m) => [m[1], h("s", {}, inline(m[2]))]],
  [/:([a-z0-9_+-]+):/, (m) => emoji(m[1])],
];
const MARKDOWN = [
  [/`([^`\n]+)`/, (m) => h("code", {}, m[1])],
  [/!?\[([^\]]*)\]\(([^)\s]+)\)/, (m) => anchor(m[2], m[1] || m[2])],
  [/<([@#!][^<>]+)>/, (m) => entity(m[1])],
  [/\*\*(.+?)\*\*/, (m) => h("strong", {}, inline(m[1], MARKDOWN))],
  [/~~(.+?)~~/, (m) => h("s", {}, inline(m[1], MARKDOWN))],
  [/\*([^*\s][^*]*)\*/, (m) => h("em", {}, inline(m[1], MARKDOWN))],
  [/\b_([^_\s][^_]*)_\b/, (m) => h("em", {}, inline(m[1], MARKDOWN))],
  [/(https?:\/\/[^\s<>)]+)/, (m) => anchor(m[1], m[1])],
  [/:([a-z0-9_+-]+):/, (m) => emoji(m[1])],
  [/\\([\\`*_{}[\]()#+.!|~-])/, (m) => m[1]],
];

function inline(text, rules = RULES) {
  let best = null;
  for (const [pattern, make] of rules) {
    const found = pattern.exec(text);
    if (found && (!best || found.index < best.found.index)) best = { found, make };
  }
  if (!best) return [rules === RULES ? unescape(text) : text];
  const before = text.slice(0, best.found.index);
  const after = text.slice(best.found.index + best.found[0].length);
  return [rules === RULES ? unescape(before) : before, best.make(best.found), ...inline(after, rules)].flat();
}

const lines = (text, rules) => text.split("\n").flatMap((line, at) => [at ? h("br") : null, ...inline(line, rules)]);

export function mrkdwn(text) {
  const parts = text.split(/```\n?([\s\S]*?)\n?```/);
  return parts.flatMap((part, at) => {
    if (at % 2) return [h("pre", {}, unescape(part))];
    const out = [];
    let quote = [];
    let plain = [];
    const flush = () => {
      if (quote.length) out.push(h("blockquote", {}, lines(quote.join("\n"))));
      if (plain.length) out.push(...lines(plain.join("\n")));
      quote = []; plain = [];
    };
    for (const line of part.split("\n")) {
      const quoted = line.match(/^(?:&gt;|>) ?(.*)/);
      if (quoted ? plain.length : quote.length) flush();
      (quoted ? quote : plain).push(quoted ? quoted[1] : line);
    }
    flush();
    return out;
  });
}

export const plain = (text) => text.split("\n").flatMap((line, at) => [at ? h("br") : null,
  ...line.split(/(:[a-z0-9_+-]+:)/).map((one) => (one.length > 2 && one.startsWith(":") && one.endsWith(":") ? emoji(one.slice(1, -1)) : one))]);

export const words = (object) => (object.type === "mrkdwn" ? mrkdwn(object.text) : plain(object.text));

// --- Markdown ---

function markdownTable(rows) {
  const cells = (row) => row.trim().replace(/^\||\|$/g, "").split("|").map((one) => one.trim());
  const align = cells(rows[1]).map((one) => (/^:-+:$/.test(one) ? "center" : /-:$/.test(one) ? "right" : "left"));
  const line = (row, tag) => h("tr", {}, cells(row).map((one, at) => h(tag, { cls: `to-${align[at]}` }, inline(one, MARKDOWN))));
  return h("div", { cls: "scroll" }, h("table", { cls: "grid" }, h("thead", {}, line(rows[0], "th")), h("tbody", {}, rows.slice(2).map((one) => line(one, "td")))));
}

export function markdown(text) {
  const out = [];
  const all = text.split("\n");
  const take = (test) => { const found = []; while (all.length && test.test(all[0])) found.push(all.shift()); return found; };
  while (all.length) {
    const line = all[0];
    if (/^\s*$/.test(line)) all.shift();
    else if (/^```/.test(line)) {
      all.shift();
      const code = [];
      while (all.length && !/^```/.test(all[0])) code.push(all.shift());
      all.shift();
      out.push(h("pre", {}, code.join("\n")));
    } else if (/^#{1,6} /.test(line)) out.push(h("p", { cls: "heading" }, inline(all.shift().replace(/^#+ /, ""), MARKDOWN)));
    else if (/^(---|\*\*\*|___)\s*$/.test(line)) { all.shift(); out.push(h("hr")); }
    else if (/^>/.test(line)) out.push(h("blockquote", {}, lines(take(/^>/).map((one) => one.replace(/^> ?/, "")).join("\n"), MARKDOWN)));
    else if (/^\s*\|/.test(line) && /^\s*\|?[\s:|-]+$/.test(all[1] || "")) out.push(markdownTable(take(/^\s*\|/)));
    else if (/^\s*([-*+]|\d+[.)]) /.test(line)) {
      const ordered = /^\s*\d/.test(line);
      const items = take(/^\s*([-*+]|\d+[.)]) |^\s{2,}\S/).map((one) => {
        const task = one.match(/\[([ xX])\] (.*)/);
        const depth = one.match(/^\s*/)[0].length;
        return h("li", { cls: `deep-${Math.min(3, Math.floor(depth / 2))}` }, task ? [task[1] === " " ? "☐ " : "☑ ", ...inline(task[2], MARKDOWN)] : inline(one.replace(/^\s*([-*+]|\d+[.)]) /, ""), MARKDOWN));
      });
      out.push(h(ordered ? "ol" : "ul", {}, items));
    } else {
      const paragraph = take(/^(?!\s*$|#{1,6} |```|>|\s*[-*+] |\s*\d+[.)] |\s*\|)/);
      out.push(h("p", {}, lines((paragraph.length ? paragraph : [all.shift()]).join("\n"), MARKDOWN)));
    }
  }
  return h("div", { cls: "markdown" }, out);
}

// --- rich text ---

function styled(node, style = {}) {
  const tags = { code: "code", bold: "strong", italic: "em", strike: "s", underline: "u" };
  return Object.entries(tags).reduce((inner, [key, tag]) => (style[key] ? h(tag, {}, inner) : inner), node);
}

const PARTS = {
  text: (one) => one.text.split("\n").flatMap((line, at) => [at ? h("br") : null, line]),
  link: (one) => anchor(one.url, one.text || one.url),
  emoji: (one) => emoji(one.name),
  user: (one) => person(one.user_id),
  usergroup: (one) => group(one.usergroup_id),
  channel: (one) => channel(one.channel_id),
  team: (one) => mention(one.team_id),
  broadcast: (one) => mention(`@${one.range}`),
  color: (one) => h("span", { cls: "colour", vars: { "--tint": one.value } }, one.value),
  date: (one) => h("time", {}, when(one.timestamp, one.format, one.fallback)),
};
const run = (elements) => elements.map((one) => [(PARTS[one.type] || (() => ""))(one)].flat().map((node) => (node && one.style ? styled(node, one.style) : node)));

export function richText(block) {
  const parts = {
    rich_text_section: (one) => h("div", {}, run(one.elements)),
    rich_text_quote: (one) => h("blockquote", {}, run(one.elements)),
    rich_text_preformatted: (one) => h("pre", {}, run(one.elements)),
    rich_text_list: (one) => h(one.style === "ordered" ? "ol" : "ul", { cls: `deep-${Math.min(3, one.indent || 0)}`, start: one.offset ? one.offset + 1 : null }, one.elements.map((item) => h("li", {}, run(item.elements)))),
  };
  return h("div", { cls: "rich" }, block.elements.map((one) => parts[one.type](one)));
}


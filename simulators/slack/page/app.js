// The page: who looks, where, and what they see; everything is asked anew whenever the workspace changes.

import { composer } from "./composer.js";
import { avatar, fill, h, icon, popup, toast } from "./dom.js";
import { day, message as drawMessage } from "./messages.js";
import { know } from "./text.js";
import { home, modals } from "./views.js";

const at = (id) => document.getElementById(id);
const asked = new URLSearchParams(location.search);
const here = { user: asked.get("user") || "U0JONAS", channel: asked.get("channel") || "C0COSTS", thread: asked.get("thread"), tab: asked.get("tab") || "messages" };
const still = asked.has("still");
const PERSONAS = ["U0JONAS", "U0AMARA", "U0NOOR", "U0VIKTOR"];
const seen = JSON.parse(sessionStorage.getItem("seen") || "{}");
let world = null;

// --- talking to the workspace ---

async function act(doing) {
  try {
    const reply = await fetch("/page/act", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ user: here.user, ...doing }) });
    const told = await reply.json();
    if (!told.ok) toast(told.message || told.error);
    return told;
  } catch {
    toast("The simulated workspace does not answer. Is the demo still running?");
    return { ok: false };
  }
}

const tell = {
  users: () => Object.values(world.people).map((one) => ({ text: { text: one.real_name }, value: one.id })),
  channels: () => world.channels.map((one) => ({ text: { text: `#${one.name}` }, value: one.id })),
  named: (id) => ({ text: { text: world.people[id]?.real_name || `#${world.all_channels[id] || id}` }, value: id }),
};

const value = (one) => (Array.isArray(one) ? one : one ?? null);
const inMessages = {
  click: (one, block, element, chosen) => act({ do: "click", where: one.ts, action: element.action_id, block: block.block_id, value: value(chosen) }),
  suggest: async (one, element, query) => (await act({ do: "suggest", where: one.ts, action: element.action_id, query })).options || [],
  thread: (ts) => go({ thread: ts }),
  shortcut: (each, one) => act({ do: "shortcut", callback: each.callback_id, ts: one.ts }),
};
const inViews = {
  click: (view, block, element, chosen, state) => act({ do: "click", where: view, action: element.action_id, block: block.block_id, value: value(chosen), state }),
  suggest: async (view, element, query) => (await act({ do: "suggest", where: view, action: element.action_id, query })).options || [],
  submit: (view, state) => act({ do: "submit", view: view.id, state }),
  close: (view, everything) => act({ do: "close", view: view.id, everything }),
};

async function send(text, thread) {
  const command = text.match(/^(\/\S+)\s*([\s\S]*)$/);
  if (command && !thread) return (await act({ do: "slash", channel: here.channel, command: command[1], text: command[2] })).ok;
  if (command) { toast("Slash commands do not work in threads. Mention @spend instead."); return false; }
  return (await act({ do: "write", channel: here.channel, text, thread })).ok;
}

// --- where one is ---

function go(to) {
  const moved = to.channel !== undefined && to.channel !== here.channel;
  Object.assign(here, moved || to.user ? { thread: null } : {}, to);
  if (moved) { channelComposer = null; }
  const query = new URLSearchParams(asked);
  for (const [key, one] of Object.entries(here)) if (one) query.set(key, one); else query.delete(key);
  history.replaceState(null, "", `?${query}`);
  if (to.tab === "home" || (moved && to.tab === "home")) act({ do: "home" });
  document.body.classList.remove("side-open");
  return refresh();
}

know({ act: { goto: (channel, ts) => go({ channel, thread: ts }) } });

// --- drawing ---

function theme(to) {
  document.documentElement.dataset.theme = to;
  localStorage.setItem("theme", to);
}

function top() {
  const me = world.people[here.user], dark = document.documentElement.dataset.theme === "dark";
  const choose = h("button", { type: "button", cls: "persona", "aria-haspopup": "menu", "aria-label": `You are ${me.real_name}, ${me.role}. Change`, onclick: () => {
    const items = PERSONAS.filter((id) => world.people[id]).map((id) => {
      const one = world.people[id];
      return h("button", { type: "button", role: "menuitemradio", "aria-checked": String(id === here.user), "data-persona": id, onclick: () => { close(); channelComposer = null; go({ user: id }); } }, avatar(one, 28), h("span", {}, h("b", {}, one.real_name), h("small", {}, one.outside || one.role)), id === here.user && icon("check", 16));
    });
    const panel = h("div", { cls: "menu personas", role: "menu" }, h("p", { cls: "faint small" }, "See the workspace as"), items);
    frame.append(panel);
    const close = popup(frame, panel);
    items[0].focus();
  } }, avatar(me, 26), h("span", {}, me.real_name), h("span", { cls: "role" }, me.outside || me.role), icon("down", 14));
  const frame = h("div", { cls: "persona-frame" }, choose);
  const toggle = h("button", { type: "button", cls: "round", id: "theme", "aria-label": dark ? "Switch to light" : "Switch to dark", title: "Light or dark", onclick: () => { theme(dark ? "light" : "dark"); top(); } }, icon(dark ? "sun" : "moon"));
  const menu = h("button", { type: "button", cls: "round only-small", "aria-label": "Channels", onclick: () => document.body.classList.toggle("side-open") }, icon("hash"));
  fill(at("top"), menu, h("div", { cls: "place" }, "A simulated Slack · ", h("b", {}, world.team.home)), toggle, frame);
}

function side() {
  const link = (one, label, glyph, tab) => {
    const on = one.id === here.channel;
    const fresh = !on && Number(one.latest || 0) > Number(seen[`${here.user}${one.id}`] || 0);
    return h("button", { type: "button", cls: `place-link${on ? " on" : ""}${fresh ? " fresh" : ""}`, "aria-current": on ? "page" : null, "data-channel": one.id, onclick: () => go({ channel: one.id, tab: tab || "messages" }) }, glyph, h("span", {}, label), one.shared && h("span", { cls: "tag" }, "shared"), fresh && h("i", { cls: "unread", "aria-label": "new" }));
  };
  const bot = world.people[world.bot];
  fill(at("side"),
    h("div", { cls: "team" }, h("span", { cls: "team-mark", "aria-hidden": "true" }, world.team.name[0]), h("b", {}, world.team.name)),
    h("h2", {}, "Channels"), world.channels.map((one) => link(one, one.name, icon(one.kind === "private" ? "lock" : "hash", 16))),
    world.direct && h("h2", {}, "Apps"), world.direct && link({ id: world.direct, latest: world.direct_latest }, bot.real_name, avatar(bot, 20), "home"),
    h("p", { cls: "about" }, world.connected ? "The real bot answers here, over Slack's own protocols. The company and its bills are invented." : "Waiting for the bot to connect…"),
  );
}

const drawn = new WeakMap();

/** Replace only what has changed, so that nothing jumps and opened things stay open. */
function fillList(node, items) {
  const old = new Map([...node.children].map((one) => [one.dataset.key, one]));
  const fresh = items.map(([key, data, make]) => {
    const now = JSON.stringify(data), held = old.get(key);
    if (held && drawn.get(held) === now) return held;
    const made = make();
    made.dataset.key = key;
    drawn.set(made, now);
    return made;
  });
  fresh.forEach((one, index) => { if (node.children[index] !== one) node.insertBefore(one, node.children[index] || null); });
  while (node.children.length > fresh.length) node.lastChild.remove();
}

function items(messages, inThread) {
  const out = [];
  let before = null;
  for (const one of messages) {
    if (!inThread && day(one.ts) !== (before && day(before.ts))) out.push([`day-${day(one.ts)}`, 0, () => h("div", { cls: "day", role: "separator" }, h("span", {}, day(one.ts)))]);
    const joined = Boolean(before && !(inThread && out.length === 2) && before.user === one.user && !before.ephemeral && !one.ephemeral && Number(one.ts) - Number(before.ts) < 300 && !before.replies && day(one.ts) === day(before.ts));
    out.push([one.ts, [one, joined, inThread], () => drawMessage(one, { ...world, tell }, { ...inMessages, shortcuts: world.shortcuts }, { joined, inThread })]);
    before = one;
    if (inThread && out.length === 1 && messages.length > 1) out.push(["replies", messages.length, () => h("div", { cls: "day left", role: "separator" }, h("span", {}, `${messages.length - 1} ${messages.length === 2 ? "reply" : "replies"}`))]);
  }
  return out;
}

function status(ts) {
  const one = world.statuses[ts];
  if (!one) return null;
  const cycle = one.loading_messages?.length ? one.loading_messages[0] : one.status;
  return h("div", { cls: "status", role: "status" }, h("span", { cls: "dots", "aria-hidden": "true" }, h("i"), h("i"), h("i")), `${world.people[world.bot].real_name} ${one.loading_messages?.length ? `· ${cycle}` : one.status}`);
}

let channelComposer = null, threadComposer = null;

function scrolling(node, draw) {
  const low = node.scrollHeight - node.scrollTop - node.clientHeight < 120;
  const before = node.childElementCount;
  draw();
  const down = () => { node.scrollTop = node.scrollHeight; };
  if (low || !before) { down(); requestAnimationFrame(() => requestAnimationFrame(down)); }
}

function hints() {
  if (here.channel !== world.direct) return world.suggestions;
  return world.prompts.length ? world.prompts.map((one) => one.message) : world.suggestions.map((one) => one.replace(/^(\/\S+|@\S+) /, ""));
}

function main() {
  const channel = world.channel, direct = channel.id === world.direct;
  const name = direct ? world.people[world.bot].real_name : channel.name;
  const key = `${here.user} ${channel.id} ${direct ? here.tab : ""}`;
  const frame = at("main");
  if (frame.dataset.key !== key) {
    frame.dataset.key = key;
    const tab = (id, label) => h("button", { type: "button", role: "tab", "aria-selected": String(here.tab === id), onclick: () => go({ tab: id }) }, label);
    const head = h("header", { cls: "channel-head" }, h("h1", {}, direct ? avatar(world.people[world.bot], 24) : icon(channel.kind === "private" ? "lock" : "hash", 20), name), channel.shared && h("span", { cls: "tag" }, "Shared with another company"), !direct && h("span", { cls: "faint topic" }, channel.topic), !direct && h("span", { cls: "faint count" }, `${channel.members} members`));
    const tabs = direct && h("div", { cls: "tabs", role: "tablist" }, tab("home", "Home"), tab("messages", "Messages"));
    const homely = direct && here.tab === "home";
    channelComposer = homely || channel.archived ? null : composer({ placeholder: `Message ${direct ? name : `#${name}`}`, send: (text) => send(text), world: () => world, hints });
    fill(frame, head, tabs, h("div", { cls: homely ? "list homely" : "list", id: "list", role: homely ? null : "log", "aria-label": homely ? null : `Messages in ${name}`, tabindex: "0" }), h("div", { id: "status" }), channelComposer ? channelComposer.node : homely ? null : h("p", { cls: "archived" }, "This channel is archived."));
    if (!document.querySelector("dialog")) channelComposer?.focus();
  }
  if (direct && here.tab === "home") {
    fillList(at("list"), [["home", world.home, () => home(world.home, inViews, { ...world, tell })]]);
    fill(at("status"));
    return;
  }
  const found = items(world.messages, false);
  const intro = ["intro", channel, () => h("div", { cls: "intro" }, direct ? avatar(world.people[world.bot], 48) : h("span", { cls: "intro-mark" }, icon("hash", 28)), h("h2", {}, direct ? name : `Welcome to #${name}`), h("p", { cls: "faint" }, direct ? "Ask what your clouds and models cost. This conversation is just between you and the app." : `${channel.topic || "This is the start of the channel"}. Pick something to try below, or type your own question.`))];
  scrolling(at("list"), () => fillList(at("list"), [intro, ...found]));
  const busy = Object.keys(world.statuses).find((ts) => ts !== here.thread);
  fill(at("status"), busy && status(busy));
  channelComposer?.refresh();
}

function thread() {
  const frame = at("thread");
  frame.hidden = !here.thread || !world.thread.length;
  if (frame.hidden) { frame.dataset.key = ""; return; }
  const key = `${here.user} ${here.channel} ${here.thread}`;
  if (frame.dataset.key !== key) {
    frame.dataset.key = key;
    threadComposer = composer({ placeholder: "Reply…", allowCommands: false, send: (text) => send(text, here.thread), world: () => world });
    fill(frame, h("header", { cls: "channel-head" }, h("h1", {}, "Thread"), h("span", { cls: "faint" }, `# ${world.channel.name}`), h("button", { type: "button", cls: "quiet", "aria-label": "Close thread", onclick: () => go({ thread: null }) }, icon("close"))), h("div", { cls: "list", id: "thread-list", role: "log", "aria-label": "Messages in the thread", tabindex: "0" }), h("div", { id: "thread-status" }), threadComposer.node);
    if (!document.querySelector("dialog")) threadComposer.focus();
  }
  scrolling(at("thread-list"), () => fillList(at("thread-list"), items(world.thread, true)));
  fill(at("thread-status"), status(here.thread));
}

function openNewThread(before) {
  if (!before || before.channel.id !== world.channel.id || here.thread) return;
  const known = new Map(before.messages.map((one) => [one.ts, one.replies]));
  const mine = world.messages.filter((one) => one.user === here.user && one.replies && !known.get(one.ts));
  if (mine.length) here.thread = mine[mine.length - 1].ts;
  return Boolean(here.thread);
}

async function refresh() {
  const query = new URLSearchParams(Object.entries({ user: here.user, channel: here.channel, thread: here.thread }).filter(([, one]) => one));
  const before = world;
  world = await (await fetch(`/page/state?${query}`)).json();
  here.channel = world.channel.id;
  know({ people: world.people, all_channels: world.all_channels, usergroups: world.usergroups, tz: world.people[here.user].tz, me: here.user });
  if (openNewThread(before)) { await refresh(); return; }
  const latest = world.messages[world.messages.length - 1];
  if (latest) seen[`${here.user}${here.channel}`] = latest.ts;
  sessionStorage.setItem("seen", JSON.stringify(seen));
  if (!before || before.me !== world.me || at("top").childElementCount === 0) top();
  side();
  main();
  thread();
  modals(world.views, inViews, { ...world, tell });
  document.body.dataset.version = world.version;
}

async function follow() {
  for (;;) {
    try {
      const news = await (await fetch(`/page/news?version=${world.version}`)).json();
      if (news.version !== world.version) await refresh();
    } catch {
      document.body.classList.add("offline");
      await new Promise((wake) => setTimeout(wake, 2000));
      try { await refresh(); document.body.classList.remove("offline"); } catch { /* still away */ }
    }
  }
}

theme(asked.get("theme") || localStorage.getItem("theme") || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light"));
await refresh();
if (here.tab === "home" && here.channel === world.direct) act({ do: "home" });
if (!still) follow();

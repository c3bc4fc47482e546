// Interactive elements. `use(block, element, value)` is called when someone presses, chooses or types.

import { fill, h, icon, popup } from "./dom.js";
import { plain, words } from "./text.js";

const members = {
  plain_text_input: "value", email_text_input: "value", url_text_input: "value", number_input: "value", rich_text_input: "rich_text_value",
  datepicker: "selected_date", timepicker: "selected_time", datetimepicker: "selected_date_time",
  static_select: "selected_option", external_select: "selected_option", radio_buttons: "selected_option",
  users_select: "selected_user", conversations_select: "selected_conversation", channels_select: "selected_channel",
  checkboxes: "selected_options", multi_static_select: "selected_options", multi_external_select: "selected_options",
  multi_users_select: "selected_users", multi_conversations_select: "selected_conversations", multi_channels_select: "selected_channels",
};

/** What a field holds now: what was typed but not sent, else what the workspace knows. */
export function held(context, block, element) {
  const key = `${block.block_id}.${element.action_id}`;
  if (context.drafts && key in context.drafts) return context.drafts[key];
  const known = context.state?.[block.block_id]?.[element.action_id];
  const initial = element.initial_option ?? element.initial_options ?? element.initial_value ?? element.initial_date ?? element.initial_time ??
    element.initial_date_time ?? element.initial_user ?? element.initial_users ?? element.initial_conversation ?? element.initial_conversations ?? element.initial_channel ?? element.initial_channels;
  return known ? known[members[element.type]] : initial;
}

function confirmed(element, act) {
  const ask = element.confirm;
  if (!ask) return act;
  return (...given) => {
    const sure = h("dialog", { cls: "modal small", "aria-label": ask.title.text });
    const end = (yes) => () => { sure.close(); sure.remove(); if (yes) act(...given); };
    sure.append(h("header", {}, h("h2", {}, plain(ask.title.text))), h("div", { cls: "modal-body" }, words(ask.text)),
      h("footer", {}, h("button", { cls: "button", type: "button", onclick: end(false) }, plain(ask.deny.text)),
        h("button", { cls: `button ${ask.style || "primary"}`, type: "button", onclick: end(true) }, plain(ask.confirm.text))));
    document.body.append(sure);
    sure.showModal();
  };
}

async function busy(node, work) {
  node.classList.add("busy");
  node.disabled = true;
  try { await work(); } finally { node.classList.remove("busy"); node.disabled = false; }
}

function button(block, element, context) {
  const label = plain(element.text.text);
  const press = confirmed(element, () => busy(node, () => context.use(block, element, element.value)));
  const node = h("button", { type: "button", cls: `button ${element.style || ""}`, "aria-label": element.accessibility_label, "data-action": element.action_id, onclick: () => {
    if (element.url) open(element.url, "_blank", "noopener");
    press();
  } }, label, element.url && icon("link", 14));
  return node;
}

const options = (element) => [...(element.options || []), ...(element.option_groups || []).flatMap((one) => one.options)];

function select(block, element, context, choices) {
  const now = held(context, block, element);
  const current = now && typeof now === "object" ? now.value : now;
  const item = (one) => h("option", { value: one.value, selected: one.value === current }, one.text.text);
  const groups = element.option_groups?.map((one) => h("optgroup", { label: one.label.text }, one.options.map(item)));
  const node = h("select", { "aria-label": context.label || element.placeholder?.text || "Choose", "data-action": element.action_id, onchange: () => {
    const chosen = choices.find((one) => one.value === node.value);
    confirmed(element, () => busy(node, () => context.use(block, element, element.type === "static_select" ? chosen : node.value)))();
  } }, h("option", { value: "", disabled: true, selected: !current, hidden: true }, element.placeholder?.text || "Choose an option"), groups || choices.map(item));
  return h("span", { cls: "select" }, node, icon("down", 14));
}

/** A field to type into, with a list that is filtered or asked for, and chips when several may be chosen. */
function combobox(block, element, context, look) {
  const several = element.type.startsWith("multi_");
  const simple = !/static|external/.test(element.type);
  const first = held(context, block, element);
  let chosen = [first].flat().filter(Boolean).map((one) => (typeof one === "string" ? context.world.named(one) : one));
  const input = h("input", { type: "text", role: "combobox", "aria-expanded": "false", "aria-label": context.label || element.placeholder?.text || "Search", placeholder: element.placeholder?.text || "Search", autocomplete: "off", "data-action": element.action_id });
  const chips = h("span", { cls: "chips" });
  const frame = h("div", { cls: "combo" }, chips, input);
  let close = null, timer = 0, asked = 0;
  const tell = () => {
    const value = chosen.map((one) => (simple ? one.value : one));
    context.use(block, element, several ? value : value[0] ?? null);
  };
  const draw = () => {
    fill(chips, (several ? chosen : []).map((one) => h("span", { cls: "chip" }, one.text.text, h("button", { type: "button", "aria-label": `Remove ${one.text.text}`, onclick: () => { chosen = chosen.filter((other) => other.value !== one.value); draw(); tell(); } }, "×"))));
    if (!several) input.value = chosen[0]?.text.text || "";
  };
  const pick = (one) => {
    chosen = several ? [...chosen.filter((other) => other.value !== one.value), one].slice(0, element.max_selected_items || 100) : [one];
    if (several) input.value = "";
    close?.();
    draw();
    tell();
  };
  const list = async () => {
    const mine = ++asked;
    const found = await look(input.value === chosen[0]?.text.text ? "" : input.value);
    if (mine !== asked) return;
    close?.();
    const items = found.map((one) => h("button", { type: "button", role: "option", "aria-selected": chosen.some((other) => other.value === one.value), onclick: () => pick(one) }, plain(one.text.text), one.description && h("small", {}, plain(one.description.text))));
    const panel = h("div", { cls: "menu", role: "listbox" }, items.length ? items : h("p", { cls: "none" }, "No results"));
    frame.append(panel);
    input.setAttribute("aria-expanded", "true");
    close = popup(frame, panel, () => input.setAttribute("aria-expanded", "false"));
  };
  input.addEventListener("focus", list);
  input.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(list, 150); });
  input.addEventListener("keydown", (event) => {
    const first = frame.querySelector(".menu [role=option]");
    if (event.key === "ArrowDown" && first) { event.preventDefault(); first.focus(); }
    if (event.key === "Enter" && first) { event.preventDefault(); first.click(); }
    if (event.key === "Backspace" && !input.value && several && chosen.length) { chosen = chosen.slice(0, -1); draw(); tell(); }
  });
  frame.addEventListener("keydown", (event) => {
    const step = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" }[event.key];
    if (step && event.target.getAttribute("role") === "option") { event.preventDefault(); (event.target[step] || input).focus(); }
  });
  draw();
  return frame;
}

const matching = (all) => async (query) => all.filter((one) => one.text.text.toLowerCase().includes(query.toLowerCase())).slice(0, 100);

function overflow(block, element, context) {
  const open = h("button", { type: "button", cls: "button icon-only", "aria-haspopup": "menu", "aria-label": "More actions", "data-action": element.action_id, onclick: () => {
    const items = element.options.map((one) => h("button", { type: "button", role: "menuitem", onclick: () => {
      close();
      if (one.url) window.open(one.url, "_blank", "noopener");
      confirmed(element, () => context.use(block, element, one.value))();
    } }, plain(one.text.text), one.description && h("small", {}, plain(one.description.text))));
    const panel = h("div", { cls: "menu", role: "menu" }, items);
    frame.append(panel);
    const close = popup(frame, panel);
    items[0].focus();
  } }, icon("dots"));
  const frame = h("span", { cls: "overflow" }, open);
  return frame;
}

function choices(block, element, context, type) {
  const now = [held(context, block, element)].flat().filter(Boolean).map((one) => one.value);
  const name = `${context.id}-${block.block_id}-${element.action_id}`;
  const tell = () => {
    const picked = [...frame.querySelectorAll("input:checked")].map((one) => element.options[one.dataset.at]);
    context.use(block, element, type === "radio" ? picked[0] : picked);
  };
  const frame = h("div", { cls: "choices", role: "group", "aria-label": context.label || "Options" }, element.options.map((one, at) => h("label", {},
    h("input", { type, name, "data-at": at, "data-action": element.action_id, checked: now.includes(one.value), onchange: tell }),
    h("span", {}, words(one.text), one.description && h("small", {}, words(one.description))))));
  return frame;
}

function field(block, element, context, type, more = {}) {
  const now = held(context, block, element);
  const tag = element.multiline ? "textarea" : "input";
  const local = (seconds) => new Date(seconds * 1000 - new Date().getTimezoneOffset() * 60000).toISOString().slice(0, 16);
  const value = type === "datetime-local" && now ? local(now) : now ?? "";
  const tell = () => context.use(block, element, type === "datetime-local" ? Math.floor(new Date(node.value).getTime() / 1000) : node.value || null);
  const node = h(tag, { type: tag === "input" ? type : null, placeholder: element.placeholder?.text, "aria-label": context.label || element.placeholder?.text || { date: "Date", time: "Time", "datetime-local": "Date and time" }[type] || "Text", maxlength: element.max_length, "data-action": element.action_id, rows: element.multiline ? 3 : null, ...more, value: String(value), [context.drafts ? "oninput" : "onchange"]: tell });
  return h("span", { cls: `field ${type}` }, node);
}

function feedback(block, element, context) {
  const one = (side, name, glyph) => {
    const node = h("button", { type: "button", cls: "thumb", title: side.text.text, "aria-label": side.accessibility_label || side.text.text, "aria-pressed": "false", "data-action": element.action_id, onclick: () => {
      for (const other of node.parentNode.children) other.setAttribute("aria-pressed", String(other === node));
      context.use(block, element, side.value ?? name);
    } }, icon(glyph, 16));
    return node;
  };
  return h("span", { cls: "thumbs" }, one(element.positive_button, "positive", "up"), one(element.negative_button, "negative", "thumbdown"));
}

const DRAW = {
  button, workflow_button: button, overflow,
  image: (_, element) => h("img", { cls: "accessory-image", src: element.image_url, alt: element.alt_text }),
  static_select: (block, element, context) => select(block, element, context, options(element)),
  users_select: (block, element, context) => select(block, element, context, context.world.users()),
  channels_select: (block, element, context) => select(block, element, context, context.world.channels()),
  conversations_select: (block, element, context) => select(block, element, context, [...context.world.channels(), ...context.world.users()]),
  external_select: (block, element, context) => combobox(block, element, context, (query) => context.suggest(element, query)),
  multi_external_select: (block, element, context) => combobox(block, element, context, (query) => context.suggest(element, query)),
  multi_static_select: (block, element, context) => combobox(block, element, context, matching(options(element))),
  multi_users_select: (block, element, context) => combobox(block, element, context, matching(context.world.users())),
  multi_channels_select: (block, element, context) => combobox(block, element, context, matching(context.world.channels())),
  multi_conversations_select: (block, element, context) => combobox(block, element, context, matching([...context.world.channels(), ...context.world.users()])),
  checkboxes: (block, element, context) => choices(block, element, context, "checkbox"),
  radio_buttons: (block, element, context) => choices(block, element, context, "radio"),
  datepicker: (block, element, context) => field(block, element, context, "date"),
  timepicker: (block, element, context) => field(block, element, context, "time"),
  datetimepicker: (block, element, context) => field(block, element, context, "datetime-local"),
  plain_text_input: (block, element, context) => field(block, element, context, "text"),
  rich_text_input: (block, element, context) => field(block, { ...element, multiline: true }, context, "text"),
  email_text_input: (block, element, context) => field(block, element, context, "email"),
  url_text_input: (block, element, context) => field(block, element, context, "url"),
  number_input: (block, element, context) => field(block, element, context, "number", { min: element.min_value, max: element.max_value, step: element.is_decimal_allowed ? "any" : 1 }),
  file_input: () => h("p", { cls: "unknown" }, "Files cannot be chosen in this simulation."),
  feedback_buttons: feedback,
  icon_button: (block, element, context) => h("button", { type: "button", cls: "thumb", title: element.text.text, "aria-label": element.accessibility_label || element.text.text, "data-action": element.action_id, onclick: confirmed(element, () => context.use(block, element, element.value)) }, icon(element.icon, 16)),
};

export function draw(block, element, context) {
  return (DRAW[element.type] || (() => h("span", { cls: "unknown" }, `[${element.type}]`)))(block, element, context);
}

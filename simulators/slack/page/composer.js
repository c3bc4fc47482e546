// Where one types: a growing field, the list of slash commands, the list of names, and what to try.

import { avatar, fill, h, icon } from "./dom.js";

/** `send(text)` resolves to whether it was taken; `world()` is what the page knows now. */
export function composer({ placeholder, send, world, allowCommands = true, hints = () => [] }) {
  const field = h("textarea", { rows: 1, placeholder, "aria-label": placeholder, "data-composer": allowCommands ? "channel" : "thread", autocomplete: "off" });
  const list = h("div", { cls: "menu complete", role: "listbox", hidden: true });
  const go = h("button", { type: "submit", cls: "send", "aria-label": "Send", disabled: true }, icon("send"));
  const chips = h("div", { cls: "try" });
  let choice = 0, offered = [];

  const grow = () => { field.style.height = "auto"; field.style.height = `${Math.min(field.scrollHeight, 180)}px`; go.disabled = !field.value.trim(); };

  const found = () => {
    const before = field.value.slice(0, field.selectionStart);
    if (allowCommands && /^\/\S*$/.test(before)) {
      return Object.entries(world().commands).filter(([name]) => name.startsWith(before)).map(([name, [about, hint]]) => ({
        put: `${name} `, from: 0, node: [avatar(world().people[world().bot], 24), h("span", {}, h("b", {}, name), " ", h("span", { cls: "faint" }, hint)), h("small", {}, about)],
      }));
    }
    const name = before.match(/(^|\s)@([\p{L}\p{N}_. -]{0,20})$/u);
    if (!name || name[2].includes("  ")) return [];
    const wanted = name[2].toLowerCase();
    return Object.values(world().people).filter((one) => [one.name, one.real_name].some((each) => each.toLowerCase().startsWith(wanted))).slice(0, 6).map((one) => ({
      put: `@${one.bot ? one.name : one.real_name} `, from: before.length - name[2].length - 1, node: [avatar(one, 24), h("b", {}, one.real_name), h("small", {}, one.bot ? "App" : one.role)],
    }));
  };

  const take = (one) => {
    field.value = field.value.slice(0, one.from) + one.put + field.value.slice(field.selectionStart);
    list.hidden = true;
    offered = [];
    grow();
    field.focus();
  };

  const suggest = () => {
    offered = found();
    choice = 0;
    list.hidden = !offered.length;
    fill(list, offered.map((one, at) => h("button", { type: "button", role: "option", "aria-selected": String(at === choice), onclick: () => take(one) }, one.node)));
  };

  const submit = async () => {
    const text = field.value.trim();
    if (!text) return;
    field.value = "";
    list.hidden = true;
    grow();
    if (!(await send(text)) && !field.value) { field.value = text; grow(); }
  };

  field.addEventListener("input", () => { grow(); suggest(); });
  field.addEventListener("keydown", (event) => {
    if (!list.hidden && offered.length) {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step) {
        event.preventDefault();
        choice = (choice + step + offered.length) % offered.length;
        [...list.children].forEach((one, at) => one.setAttribute("aria-selected", String(at === choice)));
        return;
      }
      const whole = field.value.trim() === offered[choice].put.trim();
      if (event.key === "Tab" || (event.key === "Enter" && !whole)) { event.preventDefault(); take(offered[choice]); return; }
      if (event.key === "Escape") { list.hidden = true; return; }
    }
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); submit(); }
  });

  const node = h("form", { cls: "composer", onsubmit: (event) => { event.preventDefault(); submit(); } }, chips, h("div", { cls: "box" }, list, field, h("div", { cls: "bar" }, h("span", { cls: "faint small" }, allowCommands ? "Enter sends · Shift+Enter starts a new line · / for commands" : "Slash commands do not work in threads: mention @spend"), go)));
  const refresh = () => {
    const texts = hints();
    if (chips.dataset.shown === JSON.stringify(texts)) return;
    chips.dataset.shown = JSON.stringify(texts);
    fill(chips, texts.length > 0 && h("span", { cls: "faint small" }, "Try"), texts.map((text) => h("button", { type: "button", cls: "suggestion", onclick: () => { field.value = text; grow(); field.focus(); } }, text)));
  };
  return { node, refresh, focus: () => field.focus(), clear: () => { field.value = ""; grow(); } };
}

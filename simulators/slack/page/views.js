// Modals, one above another, and App Home.

import { blocks } from "./blocks.js";
import { h, icon } from "./dom.js";
import { plain } from "./text.js";

const drafts = {};

/** What fields of a view hold before they are sent, by view and `block_id.action_id`. */
const draft = (view) => (drafts[view.id] ??= {});

function context(view, acts, world) {
  const typed = draft(view);
  return {
    id: view.id, world: world.tell, drafts: typed, state: view.state.values, errors: view.errors,
    suggest: (element, query) => acts.suggest(view.id, element, query),
    use(block, element, value) {
      if (block.type !== "input") return acts.click(view.id, block, element, value, { ...typed });
      typed[`${block.block_id}.${element.action_id}`] = value;
      return block.dispatch_action ? acts.click(view.id, block, element, value, { ...typed }) : undefined;
    },
  };
}

let dialog = null, shown = "";

/** Show the topmost modal, or none; keep it while nothing about it has changed. */
export function modals(views, acts, world) {
  const top = views[views.length - 1];
  const key = top ? JSON.stringify([top.id, top.hash, top.errors]) : "";
  if (key === shown) return;
  shown = key;
  const scrolled = dialog?.querySelector(".modal-body")?.scrollTop || 0, same = dialog?.dataset.view === top?.id;
  const focused = same ? document.activeElement?.dataset?.action : null;
  dialog?.remove();
  dialog = null;
  if (!top) return;
  const submit = async (event) => {
    event.preventDefault();
    send.classList.add("busy");
    send.disabled = true;
    await acts.submit(top, { ...draft(top) });
    send.classList.remove("busy");
    send.disabled = false;
  };
  const send = top.submit && h("button", { type: "submit", cls: "button primary" }, plain(top.submit.text));
  const close = (everything) => () => acts.close(top, everything);
  const back = views.length > 1 && h("button", { type: "button", cls: "quiet", "aria-label": "Back", onclick: close(false) }, icon("back", 20));
  dialog = h("dialog", { cls: "modal", "data-view": top.id, "aria-labelledby": "modal-title", oncancel: (event) => { event.preventDefault(); close(false)(); } },
    h("form", { novalidate: true, onsubmit: submit },
      h("header", {}, back, h("img", { src: "icon.svg", alt: "", width: 28, height: 28 }), h("h2", { id: "modal-title" }, plain(top.title.text)), h("button", { type: "button", cls: "quiet", "aria-label": "Close", onclick: close(true) }, icon("close", 20))),
      h("div", { cls: "modal-body" }, blocks(top.blocks, context(top, acts, world))),
      h("footer", {}, h("button", { type: "button", cls: "button", onclick: close(false) }, plain(top.close?.text || (top.submit ? "Cancel" : "Close"))), send)));
  document.body.append(dialog);
  dialog.showModal();
  dialog.querySelector(".modal-body").scrollTop = same ? scrolled : 0;
  const wrong = dialog.querySelector(".wrong");
  const again = focused && dialog.querySelector(`[data-action="${CSS.escape(focused)}"]`);
  (wrong?.querySelector("input,select,textarea") || again || dialog.querySelector(".modal-body input,.modal-body select,.modal-body textarea,.modal-body button"))?.focus();
}

export function home(view, acts, world) {
  if (!view) return h("div", { cls: "empty" }, h("p", {}, "Waiting for the app to set up its Home…"));
  return h("div", { cls: "home-view" }, blocks(view.blocks, context(view, acts, world)));
}

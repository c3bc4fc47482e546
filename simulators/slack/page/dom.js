// Building elements. Text only ever becomes a text node, so nothing a vendor wrote can become markup.

const SVG = "http://www.w3.org/2000/svg";

function put(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "vars") for (const [key, one] of Object.entries(value)) node.style.setProperty(key, one);
    else if (name === "value" && "value" in node) node.value = value;
    else node.setAttribute(name === "cls" ? "class" : name, value === true ? "" : String(value));
  }
  append(node, children);
  return node;
}

export function append(node, children) {
  for (const child of [children].flat(Infinity)) {
    if (child === null || child === undefined || child === false || child === "") continue;
    node.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
  return node;
}

/** Put these in the place of whatever a node held. */
export function fill(node, ...children) {
  node.replaceChildren();
  return append(node, children);
}

export const h = (tag, attributes, ...children) => put(document.createElement(tag), attributes, children);
export const s = (tag, attributes, ...children) => put(document.createElementNS(SVG, tag), attributes, children);

const ICONS = {
  hash: "M7 3 5.5 17M14.5 3 13 17M3.5 7.5h13.5M3 12.5h13.5",
  lock: "M5 9h10v8H5zM7 9V6.5a3 3 0 0 1 6 0V9",
  send: "M3 3l15 7-15 7 2.5-7zM5.5 10H11",
  close: "M5 5l10 10M15 5 5 15",
  back: "M12 4l-6 6 6 6",
  thread: "M3 4h14v10H9l-4 3v-3H3zM7 8h6M7 11h4",
  eye: "M2 10s3-5.5 8-5.5S18 10 18 10s-3 5.5-8 5.5S2 10 2 10zM10 7.6a2.4 2.4 0 1 0 0 4.8 2.4 2.4 0 0 0 0-4.8z",
  down: "M5 8l5 5 5-5",
  right: "M8 5l5 5-5 5",
  sun: "M10 6.5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7zM10 1.5v2M10 16.5v2M1.5 10h2M16.5 10h2M4 4l1.4 1.4M14.6 14.6 16 16M4 16l1.4-1.4M14.6 5.4 16 4",
  moon: "M16.5 12.3A7 7 0 0 1 7.7 3.5a7 7 0 1 0 8.8 8.8z",
  file: "M5 2.5h7l4 4v11H5zM12 2.5v4h4",
  download: "M10 3v9M6 9l4 4 4-4M3.5 16.5h13",
  check: "M4 10.5l4 4 8-9",
  dots: "M4.5 10h.01M10 10h.01M15.5 10h.01",
  up: "M6 9.5V17H3V9.5zM6 9.5 9.5 2.5c1.4 0 2 1 2 2.2V8h4.2a1.5 1.5 0 0 1 1.5 1.8l-1 5.8a1.7 1.7 0 0 1-1.6 1.4H6",
  trash: "M4 5.5h12M8 5.5V3.5h4v2M5.5 5.5l.8 11.5h7.4l.8-11.5",
  home: "M3 9.5 10 3l7 6.5M5 8.5V17h10V8.5",
  table: "M3 4h14v12H3zM3 8.5h14M8.5 4v12",
  chart: "M3 17h14M5.5 14V9M10 14V5M14.5 14v-3.5",
  warn: "M10 3 1.8 17h16.4zM10 8v4M10 14.5h.01",
  info: "M10 2.5a7.5 7.5 0 1 0 0 15 7.5 7.5 0 0 0 0-15zM10 9v5M10 6.3h.01",
  link: "M8.5 11.5l3-3M9 6l1.5-1.5a3.5 3.5 0 0 1 5 5L14 11M11 14l-1.5 1.5a3.5 3.5 0 0 1-5-5L6 9",
};

export function icon(name, size = 18) {
  const flip = name === "thumbdown";
  const path = s("path", { d: ICONS[flip ? "up" : name] || ICONS.info, transform: flip ? "rotate(180 10 10)" : null });
  const frame = { viewBox: "0 0 20 20", width: size, height: size, "aria-hidden": "true", class: "icon" };
  return s("svg", frame, path);
}

const COLOURS = ["#2b6cb0", "#b7791f", "#6b46c1", "#c05621", "#2c7a7b", "#b83280", "#4a5568", "#2f855a"];

export function avatar(person, size = 36) {
  if (!person) return h("span", { cls: "avatar" });
  const vars = { "--size": `${size}px` };
  if (person.bot) return h("img", { cls: "avatar", src: "icon.svg", alt: "", vars });
  const hash = [...person.id].reduce((sum, one) => (sum * 31 + one.charCodeAt(0)) >>> 0, 1) >>> 3;
  const initials = person.real_name.split(" ").map((one) => one[0]).slice(0, 2).join("");
  return h("span", { cls: "avatar letters", vars: { ...vars, "--tint": COLOURS[hash % COLOURS.length] }, "aria-hidden": "true" }, initials);
}

export function toast(text) {
  const note = h("div", { cls: "toast" }, icon("warn"), h("span", {}, text));
  document.getElementById("toasts").append(note);
  setTimeout(() => note.remove(), 7000);
}

/** Close something that pops up when one clicks elsewhere or presses Escape. */
export function popup(anchor, panel, closed = () => {}) {
  const away = (event) => {
    if (event.type === "keydown" ? event.key === "Escape" : !panel.contains(event.target) && !anchor.contains(event.target)) close();
  };
  const close = () => {
    panel.remove();
    removeEventListener("pointerdown", away, true);
    removeEventListener("keydown", away, true);
    closed();
  };
  addEventListener("pointerdown", away, true);
  addEventListener("keydown", away, true);
  return close;
}

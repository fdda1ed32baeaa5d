// Patches that are hidden and heads that are off, each a grid of switches with one tab stop: arrow
// keys move, Space or Enter switches, and a pointer that is dragged switches all it crosses.

import { html, write } from "@vitexplain/explorer/dom.js";
import { roving, walked } from "@vitexplain/explorer/roving.js";
import { strings } from "../../strings/lab.js";
import { paint, pictureOf } from "../pixels.js";
import { grip } from "../pointer.js";

/** @import { About } from "../protocol.js" */
/** @import { Place } from "./state.js" */

const SIDEWAYS = 8; // pixels that make a touch a stroke; up and down scrolls the page

/** Told of each switch, and when a stroke is over. @typedef {{set: (i: number, on: boolean) => void, end: () => void}} Told */

/**
 * @typedef {object} Grid
 * @property {number} rows
 * @property {number} cols
 * @property {string} label
 * @property {(row: number, col: number) => string} name of a cell
 * @property {(row: number) => string} [rowName]  with it, rows and columns have names
 * @property {string} [colsName]  what the names of the columns are names of
 * @property {string[]} [colNames]  numbers, if left out
 * @property {boolean} [swipe]  whether a finger that moves sideways switches, too
 */

/** What the model sees, pixel by pixel; its patches can be hidden. @param {Told} told */
export function mask(told) {
  const { label, name, hint } = strings.patches;
  const canvas = html("canvas", { class: "vxl-lab-view vxl-lab-pixels", "aria-hidden": "true" });
  const holder = html("div", { class: "vxl-lab-mask" }, canvas);
  const element = html("div", { class: "vxl-lab-work" }, holder, html("p", { class: "vxl-lab-hint" }, hint));
  const grid = remade((rows, cols) => toggles({ rows, cols, label, name, swipe: true }, told));

  /** @param {Place} place @param {About} about */
  function update({ seen, hidden }, about) {
    const { grid: [rows, cols], image_size: [height, width] } = about;
    const cells = grid(rows, cols);
    if (cells.element.parentNode !== holder) holder.replaceChildren(canvas, cells.element);
    holder.style.setProperty("--aspect", String(width / height));
    cells.update(hidden);
    if (seen) paint(canvas, pictureOf(seen, about, hidden));
  }
  return { element, update };
}

/** Every head of the model as a switch. @param {Told} told */
export function heads(told) {
  const { label, name, row: rowName, head: colsName, hint: how, noGates } = strings.heads;
  const holder = html("div", { class: "vxl-lab-heads", role: "region", tabindex: 0, "aria-label": label });
  const hint = html("p", { class: "vxl-lab-hint" });
  const element = html("div", { class: "vxl-lab-work" }, holder, hint);
  const grid = remade((rows, cols) => toggles({ rows, cols, label, name, rowName, colsName }, told));

  /** @param {About} about @param {Set<number>} off */
  function update({ layers, heads, inputs }, off) {
    const able = inputs.includes("gates");
    holder.hidden = !able;
    write(hint, able ? how : noGates);
    const cells = grid(layers, heads);
    cells.update(off);
    if (cells.element.parentNode !== holder) holder.replaceChildren(cells.element);
  }
  return { element, update };
}

/** Makes a grid of another shape anew. @param {(rows: number, cols: number) => ReturnType<typeof toggles>} make */
function remade(make) {
  let [shape, made] = ["", make(0, 0)];
  return (/** @type {number} */ rows, /** @type {number} */ cols) => {
    if (shape !== (shape = `${rows} ${cols}`)) made = make(rows, cols);
    return made;
  };
}

/** @param {Grid} grid @param {Told} told */
export function toggles({ rows, cols, label, name, rowName, colsName = "", colNames = [...Array(cols).keys()].map(String), swipe = false }, { set, end }) {
  /** @type {Set<number>} */ let selected = new Set();
  /** @type {HTMLElement[]} */
  const cells = Array.from({ length: rows * cols }, (_, i) => {
    const said = { "aria-label": name(Math.floor(i / cols), i % cols), "aria-selected": "false" };
    return html("div", { role: "gridcell", class: "vxl-lab-cell", ...said });
  });
  const row = (/** @type {Node[]} */ ...all) => html("div", { role: "row", class: "vxl-lab-line" }, ...all);
  const header = (/** @type {string} */ role, /** @type {string} */ text) => html("div", { role, class: "vxl-lab-name" }, text);
  const lines = Array.from({ length: rows }, (_, r) =>
    row(...(rowName ? [header("rowheader", rowName(r))] : []), ...cells.slice(r * cols, (r + 1) * cols)));
  if (rowName) lines.unshift(row(...[colsName, ...colNames].map((text) => header("columnheader", text))));
  const about = { role: "grid", "aria-label": label, "aria-multiselectable": "true" };
  const element = html("div", { class: "vxl-lab-toggles", ...about }, ...lines);
  element.style.setProperty("--rows", String(rows));
  element.style.setProperty("--cols", String(cols));

  /** @param {Set<number>} now */
  function update(now) {
    for (const i of selected) if (!now.has(i)) cells[i].setAttribute("aria-selected", "false");
    for (const i of now) if (!selected.has(i)) cells[i].setAttribute("aria-selected", "true");
    selected = now;
  }

  const { focus } = roving(element, cells, (event, from) => walked(event, from, { rows, cols }));
  element.addEventListener("keydown", (event) => {
    const i = cells.indexOf(/** @type {HTMLElement} */ (event.target));
    if (i < 0 || (event.key !== " " && event.key !== "Enter") || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    set(i, !selected.has(i));
    end();
  });

  /** @type {{x: number, from: number, value: boolean, going: boolean} | null} */
  let stroke = null;
  const cellAt = (/** @type {PointerEvent} */ { clientX, clientY }) =>
    cells.indexOf(/** @type {HTMLElement} */ (document.elementFromPoint(clientX, clientY)?.closest("[role=gridcell]")));
  const paint = (/** @type {number} */ i) => {
    if (i >= 0 && stroke && selected.has(i) !== stroke.value) set(i, stroke.value);
  };
  const start = () => {
    if (!stroke || stroke.going) return;
    stroke.going = true;
    paint(stroke.from);
  };
  const over = () => {
    if (stroke?.going) end();
    stroke = null;
  };
  grip(element, {
    down(event) {
      const from = cellAt(event);
      if (from < 0) return false;
      stroke = { x: event.clientX, from, value: !selected.has(from), going: false };
      if (event.pointerType === "mouse") start();
      focus(from);
    },
    move(event) {
      if (swipe && stroke && Math.abs(event.clientX - stroke.x) > SIDEWAYS) start();
      if (stroke?.going) paint(cellAt(event));
    },
    up() {
      start(); // a tap
      over();
    },
    cancel: over,
  });
  return { element, update };
}

// The boxes over the matrix: the chosen row and column, and those under the pointer. Each is an
// element that only moves, so that following the pointer paints no picture anew.

import { html, write } from "./dom.js";

/** @import { Store } from "./store.js" */
/** @import { Pair } from "./types.js" */

/** Where the cells are, how far from them a name ends and how large it is, in pixels. @typedef {{margin: number, cell: number, rows: number, cols: number, queries: number[], keys: number[], gap: number, font: number}} Place */

const FINE = 6; // pixels: smaller cells get thinner lines around them
const LINE = 20; // pixels: the height of a name, where its row is not as high
const NAMED = 12; // pixels: from here on all rows have names, and one must not cover the next

/** @param {Store} store */
export function marks(store) {
  const [chosen, followed] = ["vx-mark-chosen", "vx-mark-followed"].map(trio);
  const names = ["vx-q", "vx-k"].map((kind) => html("span", { class: `vx-mark-name ${kind}` }));
  const element = html("div", { class: "vx-marks", "aria-hidden": "true" }, ...chosen.all, ...followed.all, ...names);
  /** @type {Place} */
  let place = { margin: 0, cell: 0, rows: 0, cols: 0, queries: [0], keys: [0], gap: 0, font: 0 };
  let line = LINE;

  /** @param {Place} now */
  function resize(now) {
    place = now;
    const { margin, cell, rows, cols, gap } = now;
    for (const { row, column, box } of [chosen, followed]) {
      size(row, cols * cell, cell);
      size(column, cell, rows * cell);
      size(box, cell, cell);
    }
    element.classList.toggle("vx-fine", cell < FINE);
    line = cell < NAMED ? LINE : Math.min(LINE, cell);
    for (const name of names) size(name, margin - gap, line);
    Object.assign(element.style, { fontSize: `${now.font}px`, lineHeight: `${line}px` });
  }

  function update() {
    const { pair, peeking, state } = store;
    const { margin, gap, cell } = place;
    const [x, y] = corner(pair);
    move(chosen, state);
    move(followed, pair);
    chosen.show(peeking);
    const [query, key] = names;
    write(query, store.tokens[pair.query].short);
    write(key, store.tokens[pair.key].short);
    query.style.transform = `translateY(${y + (cell - line) / 2}px)`;
    key.style.transform = `translate(${x + (cell - line) / 2}px, ${margin - gap}px) rotate(-90deg)`;
  }

  /** @param {Pair} pair */
  function corner({ query, key }) {
    const { margin, cell, queries, keys } = place;
    return [margin + (key - keys[0]) * cell, margin + (query - queries[0]) * cell];
  }

  /** @param {ReturnType<typeof trio>} three @param {Pair} pair */
  function move({ row, column, box }, pair) {
    const { margin } = place;
    const [x, y] = corner(pair);
    row.style.transform = `translate(${margin}px, ${y}px)`;
    column.style.transform = `translate(${x}px, ${margin}px)`;
    box.style.transform = `translate(${x}px, ${y}px)`;
  }

  return { element, resize, update };
}

/** A row, a column and their cell. @param {string} kind */
function trio(kind) {
  const [row, column, box] = ["row", "column", "box"].map((part) => html("div", { class: `vx-mark vx-mark-${part} ${kind}` }));
  const all = [column, row, box];
  return { row, column, box, all, show: (/** @type {boolean} */ on) => all.forEach((one) => (one.hidden = !on)) };
}

/** @param {HTMLElement} element @param {number} width @param {number} height */
function size(element, width, height) {
  element.style.width = `${width}px`;
  element.style.height = `${height}px`;
}

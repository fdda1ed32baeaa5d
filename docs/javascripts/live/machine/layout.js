// Where everything of the machine lies: a world of its own units, in which a block is a panel of
// pictures above and of matrices below. Panels stand in reading order, as wide a row as fits best.

import { idOf } from "./plan.js";

/** @import { About } from "../protocol.js" */
/** @import { Stage } from "./plan.js" */

/** @typedef {{x: number, y: number, w: number, h: number}} Rect */
/** A picture: the reader's, a head's attention on it, the lens over it, or bars of classes. @typedef {Rect & {kind: "picture" | "head" | "lens" | "bars", layer: number | null, head: number | null}} Scenery */
/** `split` is where its pictures end and its matrices begin. @typedef {Rect & {layer: number | null, last: boolean, split: number}} Panel */
/** @typedef {{width: number, height: number, panels: Panel[], pictures: Scenery[], boxes: Map<string, Rect>}} Layout */

const [WIDE, PAD, GAP, TITLE, NAME] = [236, 8, 14, 26, 11];
const [LOW, TALL] = [40, 84]; // how high a matrix may be
const WITHIN = WIDE - 2 * PAD;
const HALF = (WITHIN - 6) / 2;
/** The matrices of a block above and below its heads, in rows, with how wide each is. @type {Array<Array<[string, number]>>} */
const ABOVE = [[["normed", 72]]];
const BELOW = /** @type {Array<Array<[string, number]>>} */ ([
  [["merged", 70], ["attention", 70], ["residual", 70]],
  [["normed_mlp", 48], ["hidden", 84], ["activated", 84]],
  [["mlp", 70], ["output", 70], ["lens", 70]],
]);
const HEAD = /** @type {Array<[string, number]>} */ ([
  ["query", 24], ["key", 24], ["value", 24], ["scores", 38], ["scaled", 38], ["weights", 38], ["head_outputs", 24],
]);
const INTO = /** @type {Array<Array<[string, number]>>} */ ([[["patches", 90]], [["projected", 150]], [["tokens", 150]]]);
const OUT = /** @type {Array<Array<[string, number]>>} */ ([[["final", 150]], [["pooled", 150]], [["logits", 150]], [["sure", 150]]]);

/** @param {About} about @param {Map<string, Stage>} plan @param {number} aspect width / height of what shows it @returns {Layout} */
export function layoutOf({ layers, heads }, plan, aspect) {
  const across = Math.ceil(Math.sqrt(heads));
  const side = (WITHIN - 6 * (across - 1)) / across;
  const headRows = Math.ceil(heads / across);
  const pictured = headRows * (side + 6);
  const [count, lines, stepX] = [layers + 2, ABOVE.length + heads + BELOW.length, WIDE + GAP];
  const fixed = TITLE + pictured + HALF + 14 + PAD + GAP + NAME * lines;
  const highest = (/** @type {number} */ cols) => (cols * stepX) / aspect / Math.ceil(count / cols); // of a panel that fills what shows it
  const tall = (/** @type {number} */ cols) => Math.max(LOW, Math.min(TALL, (highest(cols) - fixed) / lines));
  const fits = (/** @type {number} */ cols) => Math.min(aspect / (cols * stepX), 1 / (Math.ceil(count / cols) * (fixed + tall(cols) * lines)));
  const cols = Array.from({ length: count }, (_, i) => i + 1).reduce((a, b) => (fits(b) > fits(a) ? b : a));
  const each = tall(cols);
  const high = fixed + each * lines - GAP;
  const stepY = high + GAP;
  /** @type {Layout} */
  const made = { width: Math.min(cols, count) * stepX - GAP, height: Math.ceil(count / cols) * stepY - GAP, panels: [], pictures: [], boxes: new Map() };
  for (let i = 0; i < count; i++) {
    const [x, y] = [(i % cols) * stepX, Math.floor(i / cols) * stepY];
    const layer = i > 0 && i <= layers ? i - 1 : null;
    const split = TITLE + (layer === null ? WITHIN + 6 : pictured + HALF + 14);
    made.panels.push({ x, y, w: WIDE, h: high, layer, last: i === count - 1, split });
    const picture = (/** @type {Scenery["kind"]} */ kind, /** @type {number} */ dx, /** @type {number} */ dy, /** @type {number} */ w, /** @type {number} */ h, head = /** @type {number | null} */ (null)) =>
      made.pictures.push({ kind, layer, head, x: x + PAD + dx, y: y + TITLE + dy, w, h });
    let down = y + TITLE + pictured;
    if (layer === null) {
      picture(i ? "bars" : "picture", 0, 0, WITHIN, WITHIN);
      for (const row of i ? OUT : INTO) down = lay(made, plan, each, row, x + PAD, down + NAME, null);
      continue;
    }
    for (let head = 0; head < heads; head++) picture("head", (head % across) * (side + 6), Math.floor(head / across) * (side + 6), side, side, head);
    picture("lens", 0, pictured + 4, HALF, HALF);
    picture("bars", HALF + 6, pictured + 4, HALF, HALF);
    down += HALF + 14;
    for (const row of ABOVE) down = lay(made, plan, each, row, x + PAD, down + NAME, layer);
    for (let head = 0; head < heads; head++) down = lay(made, plan, each, HEAD, x + PAD, down + NAME, layer, head);
    for (const row of BELOW) down = lay(made, plan, each, row, x + PAD, down + NAME, layer);
  }
  return made;
}

/** Lays a row of matrices; those of one row are as low as the row. @param {Layout} made @param {Map<string, Stage>} plan @param {number} high @param {Array<[string, number]>} row @param {number} x @param {number} y @param {number | null} layer @param {number | null} [head] */
function lay({ boxes }, plan, high, row, x, y, layer, head = null) {
  for (const [name, w] of row) {
    const id = idOf(name, layer, head);
    const rows = plan.get(id)?.rows ?? 0;
    if (rows) boxes.set(id, { x, y, w, h: rows === 1 ? high / 4 : high });
    x += w + (WITHIN - row.reduce((sum, [, wide]) => sum + wide, 0)) / Math.max(1, row.length - 1) * (row.length > 1 ? 1 : 0);
  }
  return y + high;
}

/** The room of one cell of a stage. @param {Rect} box @param {Stage} stage @param {number} row @param {number} col @returns {Rect} */
export function cellOf({ x, y, w, h }, { rows, cols }, row, col) {
  return { x: x + (col * w) / cols, y: y + (row * h) / rows, w: w / cols, h: h / rows };
}

/** Whether a place is in a rectangle. @param {Rect} rect @param {number} px @param {number} py */
export function holds({ x, y, w, h }, px, py) {
  return px >= x && py >= y && px < x + w && py < y + h;
}

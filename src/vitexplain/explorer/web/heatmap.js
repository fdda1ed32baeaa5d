// The attention matrix on a canvas: any size, crisp cells, labels where there is room.
//
// The canvas is painted when the map, the room or the theme changes. What follows the pointer
// are a few boxes that move above it: a matrix of 577 × 577 costs no more there than one of 5 × 5.

import { at, sides } from "./data.js";
import { fixed, html } from "./dom.js";
import { drag, perFrame } from "./drag.js";
import { marks } from "./marks.js";
import { bitmap, palette, stripes } from "./palette.js";
import { arrowOf } from "./roving.js";
import { strings } from "./strings/explorer.js";
import { strings as words } from "./strings/board.js";

/** @import { Store } from "./store.js" */
/** @import { AttentionMap, Pair } from "./types.js" */
/** @typedef {ReturnType<typeof bitmap>} Picture */

const LARGEST = 64; // pixels: a cell is never larger
const LABEL = 12; // pixels: below this a row has no room for a label
const FINGER = 24; // pixels: below this a fingertip is too wide
const GAP = 6;
const EDGE = 3; // pixels right of the cells and below them, for the boxes
const KEPT = 4; // pictures of maps: one of 577 × 577 takes 1.3 MB
const FULL = 0.85; // of the room, that cells of whole pixels must fill
const JUMP = 10;

/** Which tokens a map is between: with others the matrix is of another size. @param {AttentionMap} map */
export function shapeOf(map) {
  return Object.values(sides(map)).join();
}

/** @param {Store} store */
export function heatmap(store) {
  const canvas = html("canvas", {
    class: "vx-canvas",
    tabindex: 0,
    role: "application",
    "aria-roledescription": strings.matrix.role,
    "aria-label": store.tokens.length > 2 * JUMP ? `${strings.matrix.label} ${words.jump}` : strings.matrix.label,
  });
  const over = marks(store);
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const frame = { margin: 0, cell: 0, ...sides(store.map), rows: 0, cols: 0, gap: GAP, font: 12 };
  let [ratio, family, fits] = [1, "", ""];
  /** @type {import("./palette.js").Palette | null} */
  let colours = null;
  /** The maps painted last, the newest at the end. @type {Map<AttentionMap, Picture>} */
  const pictures = new Map();
  /** @type {AttentionMap | null} */
  let painted = null;

  const peek = perFrame((/** @type {Pair | null} */ pair) => store.peekAt(pair));
  canvas.addEventListener("pointermove", ({ pointerType, offsetX, offsetY }) => {
    if (pointerType === "mouse") peek(pairAt(offsetX, offsetY));
  });
  canvas.addEventListener("pointerleave", ({ pointerType }) => pointerType === "mouse" && peek(null));
  canvas.addEventListener("click", ({ offsetX, offsetY }) => {
    const pair = pairAt(offsetX, offsetY);
    if (pair) store.set(pair, "token");
  });
  canvas.addEventListener("keydown", (event) => {
    const { query, key } = store.state;
    const by = event.shiftKey ? JUMP : 1;
    const [right, down] = arrowOf(event) ?? [0, 0];
    const [[top, bottom], [first, last]] = [frame.queries, frame.keys];
    /** @type {Record<string, Partial<Pair>>} */
    const ends = { Home: { key: first }, End: { key: last }, PageUp: { query: top }, PageDown: { query: bottom } };
    const to = right || down ? { query: query + by * down, key: key + by * right } : ends[event.key];
    if (!to || event.altKey || event.metaKey || event.ctrlKey) return;
    event.preventDefault();
    event.stopPropagation();
    store.set({ query, key, ...to }, "token");
  });
  const bubble = drag(canvas, {
    follow(x, y) {
      const pair = pairAt(x, y);
      if (!pair) return null;
      store.peekAt(pair);
      return describe(pair, words.pair);
    },
    drop: () => store.set(store.pair, "token"),
    cancel: () => store.peekAt(null),
  });
  const element = html("div", { class: "vx-heat" }, html("div", { class: "vx-heat-frame" }, canvas, over.element, bubble));

  /** @param {number} x @param {number} y @returns {Pair | null} */
  function pairAt(x, y) {
    const col = Math.floor((x - frame.margin) / frame.cell);
    const line = Math.floor((y - frame.margin) / frame.cell);
    const inside = col >= 0 && line >= 0 && col < frame.cols && line < frame.rows;
    return inside ? { query: frame.queries[0] + line, key: frame.keys[0] + col } : null;
  }

  /** @param {Pair} pair @param {(query: string, key: string, weight: string) => string} say */
  function describe({ query, key }, say = strings.pairSaid) {
    const weight = fixed(at(store.map.weights, query, key));
    return say(store.tokens[query].label, store.tokens[key].label, weight);
  }

  /** Fits the canvas to the width there is, if that or the theme is another than before. */
  function resize() {
    const room = Math.floor(element.clientWidth);
    if (room === 0) return;
    const style = getComputedStyle(element);
    const now = palette(style);
    ratio = window.devicePixelRatio || 1;
    family = style.fontFamily;
    const key = `${room} ${ratio} ${family} ${shapeOf(store.map)}`;
    if (key !== fits) measure(room);
    if (now !== colours) pictures.clear();
    if (key !== fits || now !== colours) painted = null;
    [fits, colours] = [key, now];
    update();
  }

  /** @param {number} room */
  function measure(room) {
    context.font = `600 14px ${family}`;
    const longest = Math.max(...store.tokens.map(({ short }) => context.measureText(short).width));
    const margin = Math.ceil(Math.min(longest + 1, room * 0.28)) + GAP;
    const free = room - margin - EDGE;
    // A whole number of device pixels a cell keeps the cells alike, if that does not waste the room.
    const { rows, cols } = store.map.weights;
    const whole = Math.floor((free / cols) * ratio) / ratio;
    const cell = Math.min(LARGEST, whole * cols > FULL * free ? whole : free / cols);
    const font = cell < LABEL ? 12 : Math.min(cell > 30 ? 14 : 12, Math.max(9, cell * 0.8));
    Object.assign(frame, { margin, cell, font, rows, cols, ...sides(store.map) });
    const [width, height] = [cols, rows].map((count) => Math.ceil(margin + count * cell + EDGE));
    Object.assign(canvas, { width: Math.round(width * ratio), height: Math.round(height * ratio) });
    Object.assign(canvas.style, { width: `${width}px`, height: `${height}px` });
    Object.assign(canvas.dataset, { margin, cell }); // for tests: where the cells are
    over.resize(frame);
  }

  function update() {
    if (!colours || element.hidden || frame.cell === 0) return;
    if (!fits.endsWith(` ${shapeOf(store.map)}`)) return resize();
    if (painted !== store.map) paint(store.map);
    over.update();
    if (!store.peeking) canvas.setAttribute("aria-description", describe(store.pair));
  }

  /** @param {AttentionMap} map */
  function paint(map) {
    if (!colours) return;
    painted = map;
    const { margin, cell, rows, cols } = frame;
    const { canvas: picture, holes } = pictureOf(map, colours);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, canvas.width, canvas.height);
    if (holes) {
      context.fillStyle = stripes(context, colours);
      context.fillRect(margin, margin, cols * cell, rows * cell);
    }
    context.imageSmoothingEnabled = cell * ratio < 1;
    context.imageSmoothingQuality = "high";
    context.drawImage(picture, margin, margin, cols * cell, rows * cell);
    if (cell >= LABEL) labels(colours.muted);
  }

  /** @param {AttentionMap} map @param {import("./palette.js").Palette} palette */
  function pictureOf(map, palette) {
    const made = pictures.get(map) ?? bitmap(map.weights, map.masked, palette);
    pictures.delete(map);
    pictures.set(map, made);
    if (pictures.size > KEPT) pictures.delete([...pictures.keys()][0]);
    return made;
  }

  /** The names of all rows and columns; those of the marked ones are above them. @param {string} colour */
  function labels(colour) {
    const { margin, cell, queries, keys } = frame;
    context.font = `${frame.font}px ${family}`;
    context.fillStyle = colour;
    context.textBaseline = "middle";
    context.textAlign = "right";
    const some = (/** @type {number[]} */ [first, last]) => store.tokens.slice(first, last + 1);
    some(queries).forEach(({ short }, i) => context.fillText(short, margin - GAP, margin + (i + 0.5) * cell, margin - GAP));
    some(keys).forEach(({ short }, i) => {
      context.save();
      context.translate(margin + (i + 0.5) * cell, margin - GAP);
      context.rotate(-Math.PI / 2);
      context.textAlign = "left";
      context.fillText(short, 0, 0, margin - GAP);
      context.restore();
    });
  }

  return {
    element,
    update,
    resize,
    /** Whether cells are too small to name or, with a finger, to tap. */
    get small() {
      const least = matchMedia("(any-pointer: coarse)").matches ? FINGER : LABEL;
      return frame.cell > 0 && frame.cell < least;
    },
    get colours() {
      return colours;
    },
    /** The picture on screen. */
    get picture() {
      return (painted && pictures.get(painted)) ?? null;
    },
  };
}

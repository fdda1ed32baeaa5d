// The attention matrix on a canvas: any size, crisp cells, labels where there is room.

import { at } from "./data.js";
import { html } from "./dom.js";
import { bitmap, palette } from "./palette.js";
import { strings } from "./strings.js";

/** @import { Store } from "./store.js" */
/** @import { AttentionMap, Pair } from "./types.js" */

const LARGEST = 64; // pixels: a cell is never larger
const LABEL = 12; // pixels: below this a row has no room for a label
const GAP = 6;

/** @param {Store} store */
export function heatmap(store) {
  const { tokens } = store.data;
  const n = tokens.length;
  const canvas = html("canvas", {
    class: "vx-canvas",
    tabindex: 0,
    role: "application",
    "aria-roledescription": strings.matrix.role,
    "aria-label": strings.matrix.label,
  });
  const element = html("div", { class: "vx-heat" }, canvas);
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const frame = { left: 0, top: 0, cell: 0, width: 0, height: 0, ratio: 1 };
  /** @type {import("./palette.js").Palette | null} */
  let colours = null;
  /** @type {WeakMap<AttentionMap, HTMLCanvasElement>} */
  let pictures = new WeakMap();

  canvas.addEventListener("pointermove", (event) => {
    if (event.pointerType === "mouse") store.peekAt(pairAt(event));
  });
  canvas.addEventListener("pointerleave", () => store.peekAt(null));
  canvas.addEventListener("click", (event) => {
    const pair = pairAt(event);
    if (pair) store.set(pair, "token");
  });
  canvas.addEventListener("keydown", (event) => {
    const { query, key } = store.state;
    /** @type {Record<string, Pair>} */
    const moves = {
      ArrowUp: { query: query - 1, key },
      ArrowDown: { query: query + 1, key },
      ArrowLeft: { query, key: key - 1 },
      ArrowRight: { query, key: key + 1 },
      Home: { query, key: 0 },
      End: { query, key: n - 1 },
      PageUp: { query: 0, key },
      PageDown: { query: n - 1, key },
    };
    if (!(event.key in moves) || event.altKey || event.metaKey || event.ctrlKey) return;
    event.preventDefault();
    event.stopPropagation();
    store.set(moves[event.key], "token");
  });

  /** @param {MouseEvent} event @returns {Pair | null} */
  function pairAt(event) {
    const { left, top } = canvas.getBoundingClientRect();
    const key = Math.floor((event.clientX - left - frame.left) / frame.cell);
    const query = Math.floor((event.clientY - top - frame.top) / frame.cell);
    return key >= 0 && query >= 0 && key < n && query < n ? { query, key } : null;
  }

  /** Fits the canvas to the width there is. */
  function resize() {
    const room = Math.floor(element.clientWidth);
    if (room === 0) return;
    const style = getComputedStyle(element);
    colours = palette(style);
    pictures = new WeakMap();
    context.font = `14px ${style.fontFamily}`;
    const longest = Math.max(...tokens.map(({ short }) => context.measureText(short).width));
    const margin = Math.ceil(Math.min(longest, room * 0.28)) + GAP;
    frame.ratio = window.devicePixelRatio || 1;
    const free = room - margin - 3;
    // A whole number of device pixels a cell keeps the cells alike.
    const whole = Math.floor((free / n) * frame.ratio) / frame.ratio;
    frame.cell = Math.min(LARGEST, whole > 0 ? whole : free / n);
    frame.left = frame.top = margin;
    frame.width = Math.ceil(margin + n * frame.cell + 3);
    frame.height = frame.width;
    canvas.width = Math.round(frame.width * frame.ratio);
    canvas.height = Math.round(frame.height * frame.ratio);
    Object.assign(canvas.dataset, { margin, cell: frame.cell }); // for tests: where the cells are
    canvas.style.width = `${frame.width}px`;
    canvas.style.height = `${frame.height}px`;
    context.font = `12px ${style.fontFamily}`;
    update();
  }

  function update() {
    if (!colours || element.hidden || frame.cell === 0) return;
    const { map, pair, state } = store;
    let picture = pictures.get(map);
    if (!picture) pictures.set(map, (picture = bitmap(map.weights, colours)));
    const { left, top, cell, ratio } = frame;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, frame.width, frame.height);
    context.imageSmoothingEnabled = cell * ratio < 1;
    context.drawImage(picture, left, top, n * cell, n * cell);
    labels(pair);
    if (store.peeking) mark({ query: state.query, key: state.key }, 1);
    mark(pair, 2.5);
    const weight = at(map.weights, pair.query, pair.key);
    canvas.setAttribute("aria-description", strings.pairSaid(tokens[pair.query].label, tokens[pair.key].label, weight.toFixed(4)));
  }

  /** Outlines a row in the query's colour, a column in the key's, and their cell. @param {Pair} pair @param {number} width */
  function mark({ query, key }, width) {
    if (!colours) return;
    const { left, top, cell } = frame;
    const side = n * cell;
    context.lineWidth = width;
    context.strokeStyle = colours.key;
    context.strokeRect(left + key * cell, top, cell, side);
    context.strokeStyle = colours.query;
    context.strokeRect(left, top + query * cell, side, cell);
    context.lineWidth = width + 2;
    context.strokeStyle = colours.paper;
    context.strokeRect(left + key * cell, top + query * cell, cell, cell);
    context.lineWidth = width;
    context.strokeStyle = colours.ink;
    context.strokeRect(left + key * cell, top + query * cell, cell, cell);
  }

  /** All names where there is room, else those of the marked row and column. @param {Pair} pair */
  function labels(pair) {
    if (!colours) return;
    const { left, top, cell } = frame;
    const [ink, family] = [colours.muted, context.font.slice(context.font.indexOf("px") + 2)];
    const size = Math.min(cell > 30 ? 14 : 12, Math.max(9, cell * 0.8));
    const write = (/** @type {number} */ i, /** @type {boolean} */ chosen, /** @type {string} */ colour) => {
      if (cell < LABEL && !chosen) return;
      context.font = `${chosen ? "600" : "400"} ${size}px${family}`;
      context.fillStyle = chosen ? colour : ink;
      context.fillText(tokens[i].short, 0, 0, left - GAP);
    };
    context.textBaseline = "middle";
    for (let i = 0; i < n; i++) {
      if (cell < LABEL && i !== pair.query && i !== pair.key) continue;
      context.save();
      context.translate(left - GAP, top + (i + 0.5) * cell);
      context.textAlign = "right";
      write(i, i === pair.query, colours.query);
      context.restore();
      context.save();
      context.translate(left + (i + 0.5) * cell, top - GAP);
      context.rotate(-Math.PI / 2);
      context.textAlign = "left";
      write(i, i === pair.key, colours.key);
      context.restore();
    }
    context.font = `12px${family}`;
  }

  return { element, update, resize };
}

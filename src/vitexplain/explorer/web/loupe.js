// A part of a large matrix around the chosen pair: cells that one can read, name and tap.

import { at, sides } from "./data.js";
import { fixed, html, write } from "./dom.js";
import { afterPaint } from "./drag.js";
import { leftOut } from "./bright.js";
import { shapeOf } from "./heatmap.js";
import { level, LEVELS, rooted, stripes } from "./palette.js";
import { strings } from "./strings/board.js";

/** @import { Picture } from "./heatmap.js" */
/** @import { Palette } from "./palette.js" */
/** @import { Store } from "./store.js" */
/** @import { AttentionMap } from "./types.js" */

const CELL = 44; // pixels: a fingertip
const ROWS = 5;
const NAME = 22; // pixels: the height of the names above
const MOST = 13; // columns
const REST = 120; // ms
const DARK = 0.6 * LEVELS; // from here on the page's paper is easier to read upon a cell than its ink

/**
 * @param {Store} store
 * @param {ReturnType<typeof import("./heatmap.js").heatmap>} heat whose scale it takes
 */
export function loupe(store, heat) {
  const title = html("p", { class: "vx-note" });
  const canvas = html("canvas", { class: "vx-loupe-canvas", "aria-hidden": "true" });
  const element = html("div", { class: "vx-loupe" }, title, canvas);
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  let [rows, cols, margin, ratio, family, fits] = [ROWS, 0, 0, 1, "", ""];
  let [top, left] = [0, 0];

  canvas.addEventListener("click", ({ offsetX, offsetY }) => {
    const [query, key] = [top + Math.floor((offsetY - NAME) / CELL), left + Math.floor((offsetX - margin) / CELL)];
    if (offsetY >= NAME && offsetX >= margin) store.set({ query, key }, "token");
  });

  function resize() {
    element.hidden = !heat.small;
    const room = element.hidden ? 0 : element.clientWidth;
    if (room === 0) return;
    ratio = window.devicePixelRatio || 1;
    family = getComputedStyle(element).fontFamily;
    const key = `${room} ${ratio} ${family} ${shapeOf(store.map)}`;
    if (key !== fits) measure(room);
    fits = key;
    update();
  }

  /** @param {number} room */
  function measure(room) {
    context.font = `600 12px ${family}`;
    const longest = Math.max(...store.tokens.map(({ short }) => context.measureText(short).width));
    margin = Math.ceil(Math.min(longest, room * 0.28)) + 6;
    const free = Math.floor((room - margin - 2) / CELL);
    cols = Math.max(1, Math.min(MOST, store.map.weights.cols, free - (1 - (free % 2))));
    rows = Math.min(ROWS, store.map.weights.rows);
    const [width, height] = [margin + cols * CELL + 2, NAME + rows * CELL + 2];
    Object.assign(canvas, { width: Math.round(width * ratio), height: Math.round(height * ratio) });
    Object.assign(canvas.style, { width: `${width}px`, height: `${height}px` });
  }

  let waiting = 0;
  /** While the pointer wanders the loupe waits: nobody reads twenty numbers in one frame. */
  function update() {
    clearTimeout(waiting);
    if (fits && !fits.endsWith(` ${shapeOf(store.map)}`)) return resize();
    if (store.peeking) waiting = window.setTimeout(draw, REST);
    else soon();
  }

  const soon = afterPaint(() => draw());
  function draw() {
    const { colours, picture } = heat;
    if (element.hidden || cols === 0 || !colours || !picture) return;
    const { map, pair } = store;
    const { queries, keys } = sides(map);
    const around = (/** @type {number} */ i, /** @type {number} */ size, /** @type {number[]} */ [first, last]) =>
      Math.max(first, Math.min(last + 1 - size, i - (size >> 1)));
    [top, left] = [around(pair.query, rows, queries), around(pair.key, cols, keys)];
    write(title, `${strings.loupe.title(store.tokens[pair.query].label, store.tokens[pair.key].label)}. ${strings.loupe.help}`);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, canvas.width, canvas.height);
    if (picture.holes) {
      context.fillStyle = stripes(context, colours);
      context.fillRect(margin, NAME, cols * CELL, rows * CELL);
    }
    context.imageSmoothingEnabled = false;
    context.drawImage(picture.canvas, left - keys[0], top - queries[0], cols, rows, margin, NAME, cols * CELL, rows * CELL);
    context.textBaseline = "middle";
    numbers(map, picture, colours);
    names(pair, colours);
    const box = /** @type {const} */ ([margin + (pair.key - left) * CELL, NAME + (pair.query - top) * CELL, CELL, CELL]);
    for (const [colour, width] of /** @type {Array<[string, number]>} */ ([[colours.paper, 5], [colours.ink, 2.5]])) {
      context.strokeStyle = colour;
      context.lineWidth = width;
      context.strokeRect(...box);
    }
  }

  /** @type {(map: AttentionMap, picture: Picture, colours: Palette) => void} */
  function numbers(map, { most }, { ink, paper }) {
    context.font = `12px ${family}`;
    context.textAlign = "center";
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < cols; j++) {
        const weight = at(map.weights, top + i, left + j);
        if (leftOut(weight, map.masked)) continue;
        context.fillStyle = level(weight, most, rooted(map.weights.cols)) < DARK ? ink : paper;
        context.fillText(fixed(weight, 3), margin + (j + 0.5) * CELL, NAME + (i + 0.5) * CELL);
      }
    }
  }

  /** @param {import("./types.js").Pair} pair @param {Palette} colours */
  function names({ query, key }, { ink, muted }) {
    const { tokens } = store;
    const name = (/** @type {number} */ i, /** @type {boolean} */ chosen, /** @type {number} */ x, /** @type {number} */ y, /** @type {number} */ most) => {
      context.fillStyle = chosen ? ink : muted;
      context.font = `${chosen ? 700 : 400} 12px ${family}`;
      context.fillText(tokens[i].short, x, y, most);
    };
    context.textAlign = "right";
    for (let i = 0; i < rows; i++) name(top + i, top + i === query, margin - 6, NAME + (i + 0.5) * CELL, margin - 6);
    context.textAlign = "center";
    for (let j = 0; j < cols; j++) name(left + j, left + j === key, margin + (j + 0.5) * CELL, NAME / 2, CELL - 4);
  }

  return { element, update, resize };
}

// The page's colours as numbers, and weights as pixels in them.

import { greatest } from "./bright.js";
import { MANY } from "./begin.js";

/** @import { Matrix } from "./types.js" */

/**
 * The colours of the theme. `scale` holds LEVELS pixels, from no weight to the largest.
 * @typedef {{ink: string, muted: string, paper: string, line: string, weight: string, scale: Uint32Array}} Palette
 */

export const LEVELS = 1024;
const STOPS = 9;

/** @type {{key: string, made: Palette} | null} */
let last = null;

/** Reads the custom properties that the theme sets; the same object while they are the same. @param {CSSStyleDeclaration} style */
export function palette(style) {
  const get = (/** @type {string} */ name) => style.getPropertyValue(`--vx-${name}`).trim() || style.color;
  const stops = Array.from({ length: STOPS }, (_, i) => get(`scale-${i}`));
  const [ink, muted, paper, line, weight] = ["ink", "muted", "paper", "line", "weight"].map(get);
  const key = [ink, muted, paper, line, weight, ...stops].join();
  if (last?.key !== key) last = { key, made: { ink, muted, paper, line, weight, scale: ramp(stops) } };
  return last.made;
}

/** Pixels in even steps from the first colour to the last. @param {string[]} stops any CSS colours */
function ramp(stops) {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [stops.length, 1];
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d", { willReadFrequently: true }));
  stops.forEach((colour, i) => {
    context.fillStyle = colour;
    context.fillRect(i, 0, 1, 1);
  });
  const given = context.getImageData(0, 0, stops.length, 1).data;
  const bytes = new Uint8ClampedArray(4 * LEVELS);
  for (let i = 0; i < LEVELS; i++) {
    const place = (i / (LEVELS - 1)) * (stops.length - 1);
    const stop = Math.min(stops.length - 2, Math.floor(place));
    for (let c = 0; c < 4; c++) {
      const [a, b] = [given[4 * stop + c], given[4 * stop + 4 + c]];
      bytes[4 * i + c] = a + (place - stop) * (b - a);
    }
  }
  return new Uint32Array(bytes.buffer);
}

/** Whether a matrix of so many tokens shows the root of its weights: a few strong ones would leave nothing of the others to see. @param {number} tokens */
export function rooted(tokens) {
  return tokens > MANY;
}

/**
 * Where a weight stands on the scale. @param {number} value @param {number} most @param {boolean} root
 */
export function level(value, most, root) {
  const share = most > 0 ? Math.min(1, Math.max(0, value / most)) : 0;
  return Math.round((root ? Math.sqrt(share) : share) * (LEVELS - 1));
}

/**
 * A picture of one pixel a cell, from 0 to the largest entry; where a pair was left out, a hole.
 * @param {Matrix} matrix
 * @param {boolean} masked
 * @param {Palette} palette
 * @returns {{canvas: HTMLCanvasElement, most: number, holes: boolean}}
 */
export function bitmap({ rows, cols, values }, masked, { scale }) {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [cols, rows];
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const image = context.createImageData(cols, rows);
  const pixels = new Uint32Array(image.data.buffer);
  const most = greatest(values);
  const [root, share, full] = [rooted(cols), most > 0 ? 1 / most : 0, LEVELS - 1];
  let holes = false;
  // What `leftOut` and `level` say, written out: this is done 332,929 times in a frame.
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (value > 0) pixels[i] = scale[((root ? Math.sqrt(value * share) : value * share) * full + 0.5) | 0];
    else if (masked || value !== value) holes = true;
    else pixels[i] = scale[0];
  }
  context.putImageData(image, 0, 0);
  return { canvas, most, holes };
}

/** Stripes for what was left out. @param {CanvasRenderingContext2D} context @param {Palette} palette */
export function stripes(context, { paper, muted }) {
  const side = 6;
  const tile = document.createElement("canvas");
  tile.width = tile.height = side;
  const brush = /** @type {CanvasRenderingContext2D} */ (tile.getContext("2d"));
  brush.fillStyle = paper;
  brush.fillRect(0, 0, side, side);
  brush.strokeStyle = muted;
  brush.lineWidth = 1.2;
  brush.globalAlpha = 0.5;
  for (const shift of [-side, 0, side]) {
    brush.moveTo(shift - 1, side + 1);
    brush.lineTo(shift + side + 1, -1);
  }
  brush.stroke();
  return /** @type {CanvasPattern} */ (context.createPattern(tile, "repeat"));
}

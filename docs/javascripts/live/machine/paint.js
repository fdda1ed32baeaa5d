// Numbers as pixels: the bitmaps of matrices, and of what is laid over the reader's picture. A
// bitmap is painted anew on the canvas it had, for there are hundreds, at every change.

import { brightness, cover, GREY } from "@vitexplain/explorer/bright.js";
import { LEVELS } from "@vitexplain/explorer/palette.js";

/** @import { Palette } from "@vitexplain/explorer/palette.js" */

const STEPS = 256; // of a sign's colour

/** Colours of the theme: the explorer's, those of what is below and above nothing, and all between as pixels. @typedef {Palette & {minus: number[], plus: number[], signs: Uint32Array}} Colours */
/** @typedef {ArrayLike<number>} Values */

/** @param {CanvasRenderingContext2D} context a canvas to read colours with @param {Palette} palette @param {CSSStyleDeclaration} style @returns {Colours} */
export function coloursOf(context, palette, style) {
  const [minus, plus, none] = ["query", "key", "paper"].map((name) => {
    context.fillStyle = style.getPropertyValue(`--vx-${name}`).trim() || "#888";
    context.fillRect(0, 0, 1, 1);
    return [...context.getImageData(0, 0, 1, 1).data];
  });
  const bytes = new Uint8ClampedArray(4 * (2 * STEPS + 1));
  for (let i = -STEPS; i <= STEPS; i++) {
    const full = i < 0 ? minus : plus;
    for (let c = 0; c < 3; c++) bytes[4 * (i + STEPS) + c] = none[c] + (Math.abs(i) / STEPS) * (full[c] - none[c]);
    bytes[4 * (i + STEPS) + 3] = 255;
  }
  return { ...palette, minus, plus, signs: new Uint32Array(bytes.buffer) };
}

/** One pixel a number. @param {HTMLCanvasElement | undefined} old @param {number} cols @param {number} rows @param {(pixels: Uint32Array) => void} fill */
function bitmap(old, cols, rows, fill) {
  const canvas = old ?? document.createElement("canvas");
  if (canvas.width !== cols || canvas.height !== rows) [canvas.width, canvas.height] = [cols, rows];
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const image = context.createImageData(cols, rows);
  fill(new Uint32Array(image.data.buffer));
  context.putImageData(image, 0, 0);
  return canvas;
}

/** Signed numbers: nothing is paper, the largest of either sign has its full colour; the root in between. @param {Values} values @param {number} rows @param {number} cols @param {Colours} colours @param {HTMLCanvasElement} [old] */
export function signed(values, rows, cols, { signs }, old) {
  let most = 0;
  for (let i = 0; i < values.length; i++) most = Math.max(most, Math.abs(values[i]));
  return bitmap(old, cols, rows, (pixels) => {
    const share = most ? 1 / most : 0;
    for (let i = 0; i < pixels.length; i++) {
      const step = (Math.sqrt(Math.abs(values[i]) * share) * STEPS + 0.5) | 0;
      pixels[i] = signs[values[i] < 0 ? STEPS - step : STEPS + step];
    }
  });
}

/** Weights, each row by its largest. @param {Values} values @param {number} rows @param {number} cols @param {Colours} colours @param {HTMLCanvasElement} [old] */
export function weighed(values, rows, cols, { scale }, old) {
  return bitmap(old, cols, rows, (pixels) => {
    for (let r = 0; r < rows; r++) {
      let most = 0;
      for (let i = r * cols; i < (r + 1) * cols; i++) most = Math.max(most, values[i]);
      const share = most ? 1 / most : 0;
      for (let i = r * cols; i < (r + 1) * cols; i++) pixels[i] = scale[Math.round(Math.sqrt(Math.max(0, values[i]) * share) * (LEVELS - 1))];
    }
  });
}

/** What covers the picture so that patches of large weight stay bright. @param {Float32Array} weights of the patches @param {number} rows @param {number} cols @param {HTMLCanvasElement} [old] */
export function veil(weights, rows, cols, old) {
  const lit = brightness(weights, false, new Float32Array(weights.length));
  return bitmap(old, cols, rows, (pixels) => {
    const bytes = new Uint8ClampedArray(pixels.buffer);
    lit.forEach((one, i) => bytes.fill(GREY, 4 * i, 4 * i + 3).set([255 * cover(one)], 4 * i + 3));
  });
}

/** Shares from 0 to 1 in the theme's scale. @param {Values} shares @param {number} rows @param {number} cols @param {Colours} colours @param {HTMLCanvasElement} [old] */
export function shaded(shares, rows, cols, { scale }, old) {
  return bitmap(old, cols, rows, (pixels) => {
    for (let i = 0; i < pixels.length; i++) pixels[i] = scale[Math.round(Math.min(1, Math.max(0, shares[i])) * (LEVELS - 1))];
  });
}

// Numbers as pixels: the bitmaps of matrices, and of what is laid over the reader's picture.

import { brightness, cover, GREY } from "@vitexplain/explorer/bright.js";
import { LEVELS } from "@vitexplain/explorer/palette.js";
import { sheet } from "../pixels.js";

/** @import { Palette } from "@vitexplain/explorer/palette.js" */

/** Colours of the theme: the explorer's, and those of what is below and above nothing. @typedef {Palette & {minus: number[], plus: number[], none: number[]}} Colours */

/** @param {CanvasRenderingContext2D} context a canvas to read colours with @param {Palette} palette @param {CSSStyleDeclaration} style @returns {Colours} */
export function coloursOf(context, palette, style) {
  const rgb = (/** @type {string} */ name) => {
    context.fillStyle = style.getPropertyValue(name).trim() || "#888";
    context.fillRect(0, 0, 1, 1);
    return [...context.getImageData(0, 0, 1, 1).data];
  };
  return { ...palette, minus: rgb("--vx-query"), plus: rgb("--vx-key"), none: rgb("--vx-paper") };
}

/** A canvas of one pixel a number. @param {number} cols @param {number} rows @param {(i: number, pixel: Uint8ClampedArray) => void} fill */
function bitmap(cols, rows, fill) {
  const context = sheet(cols, rows);
  const image = context.createImageData(cols, rows);
  for (let i = 0; i < rows * cols; i++) fill(i, image.data.subarray(4 * i, 4 * i + 4));
  context.putImageData(image, 0, 0);
  return context.canvas;
}

/** Signed numbers: nothing is paper, the largest of either sign has its full colour; the root in between. @param {ArrayLike<number>} values @param {number} rows @param {number} cols @param {Colours} colours */
export function signed(values, rows, cols, { minus, plus, none }) {
  let most = 0;
  for (let i = 0; i < values.length; i++) most = Math.max(most, Math.abs(values[i]));
  return bitmap(cols, rows, (i, pixel) => {
    const share = most ? Math.sqrt(Math.abs(values[i]) / most) : 0;
    const full = values[i] < 0 ? minus : plus;
    for (let c = 0; c < 3; c++) pixel[c] = none[c] + share * (full[c] - none[c]);
    pixel[3] = 255;
  });
}

/** Weights, each row by its largest. @param {ArrayLike<number>} values @param {number} rows @param {number} cols @param {Colours} colours */
export function weighed(values, rows, cols, { scale }) {
  const bytes = new Uint8ClampedArray(scale.buffer);
  const tops = Array.from({ length: rows }, (_, r) => {
    let most = 0;
    for (let c = 0; c < cols; c++) most = Math.max(most, values[r * cols + c]);
    return most || 1;
  });
  return bitmap(cols, rows, (i, pixel) => {
    const at = 4 * Math.round(Math.min(1, Math.sqrt(Math.max(0, values[i]) / tops[Math.floor(i / cols)])) * (LEVELS - 1));
    for (let c = 0; c < 4; c++) pixel[c] = bytes[at + c];
  });
}

/** What covers the picture so that patches of large weight stay bright. @param {Float32Array} weights of the patches @param {number} rows @param {number} cols */
export function veil(weights, rows, cols) {
  const lit = brightness(weights, false, new Float32Array(weights.length));
  return bitmap(cols, rows, (i, pixel) => {
    pixel.fill(GREY, 0, 3);
    pixel[3] = 255 * cover(lit[i]);
  });
}

/** Shares from 0 to 1 in the theme's scale. @param {ArrayLike<number>} shares @param {number} rows @param {number} cols @param {Colours} colours */
export function shaded(shares, rows, cols, { scale }) {
  const bytes = new Uint8ClampedArray(scale.buffer);
  return bitmap(cols, rows, (i, pixel) => {
    const at = 4 * Math.round(Math.min(1, Math.max(0, shares[i])) * (LEVELS - 1));
    for (let c = 0; c < 4; c++) pixel[c] = bytes[at + c];
  });
}

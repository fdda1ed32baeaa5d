// What a model sees: the pixels of a canvas, normalised. The one place where pixels become numbers.

import { tensor } from "../runtime.js";
import { drawing } from "./picture.js";

/** @import { Tensor } from "../types.js" */
/** @import { About } from "./types.js" */

const LUMA = [0.299, 0.587, 0.114]; // ITU-R BT.601, as Python turns colour into grey

/**
 * (pixels / 255 − mean) / std, and 0 where a patch is hidden: the mean itself.
 * @param {ImageData} seen
 * @param {About} about
 * @param {Set<number>} hidden patches
 * @returns {Tensor} (1, channel, row, col)
 */
export function inputOf(seen, about, hidden) {
  const { channels, mean, std } = about;
  const [rows, cols] = about.image_size;
  const values = new Float32Array(channels * rows * cols);
  for (let i = 0, at = 0; i < rows * cols; i++, at += 4) {
    const [r, g, b] = [seen.data[at], seen.data[at + 1], seen.data[at + 2]];
    const colours = channels === 1 ? [LUMA[0] * r + LUMA[1] * g + LUMA[2] * b] : [r, g, b];
    const covered = hidden.size > 0 && hidden.has(patchAt(about, i));
    for (let c = 0; c < channels; c++) {
      values[c * rows * cols + i] = covered ? 0 : (colours[c] / 255 - mean[c]) / std[c];
    }
  }
  return tensor(values, [1, channels, rows, cols]);
}

/** The patch that a pixel lies in. @param {About} about @param {number} pixel */
function patchAt({ image_size: [, cols], patch, grid }, pixel) {
  const [row, col] = [Math.floor(pixel / cols), pixel % cols];
  return Math.floor(row / patch[0]) * grid[1] + Math.floor(col / patch[1]);
}

/**
 * The pixels as a picture to look at, hidden patches in the mean colour.
 * @param {ImageData} seen @param {About} about @param {Set<number>} hidden
 */
export function pictureOf(seen, { patch: [height, width], grid: [, cols], mean }, hidden) {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [seen.width, seen.height];
  const context = drawing(canvas);
  context.putImageData(seen, 0, 0);
  const [r, g, b] = mean.length === 1 ? [mean[0], mean[0], mean[0]] : mean;
  context.fillStyle = `rgb(${255 * r} ${255 * g} ${255 * b})`;
  for (const i of hidden) context.fillRect((i % cols) * width, Math.floor(i / cols) * height, width, height);
  return canvas;
}

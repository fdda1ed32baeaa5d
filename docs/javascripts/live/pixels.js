// Pixels: the canvas they are read from, and the one place where they become numbers.

import { tensor } from "./runtime.js";

/** @import { About, Tensor } from "./protocol.js" */

const LUMA = [0.299, 0.587, 0.114]; // ITU-R BT.601, as Python turns colour into grey

/** A canvas in memory, as its pixels are read again and again. @param {number} width @param {number} height */
export function sheet(width, height) {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [width, height];
  return reading(canvas);
}

/** @param {HTMLCanvasElement} canvas */
export function reading(canvas) {
  return /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d", { willReadFrequently: true }));
}

/**
 * (pixel / 255 − mean) / std, and 0 where a patch is hidden: the mean itself.
 * @param {ArrayLike<number>} pixels red, green, blue, alpha, row by row
 * @param {Pick<About, "channels" | "mean" | "std" | "image_size" | "patch" | "grid">} about
 * @param {Set<number>} [hidden] patches
 * @returns {Tensor} (1, channel, row, col)
 */
export function inputOf(pixels, { channels, mean, std, image_size: [rows, cols], patch, grid }, hidden = new Set()) {
  const size = rows * cols;
  const values = new Float32Array(channels * size);
  const patchAt = (/** @type {number} */ i) => Math.floor(i / cols / patch[0]) * grid[1] + Math.floor((i % cols) / patch[1]);
  for (let i = 0; i < size; i++) {
    if (hidden.size && hidden.has(patchAt(i))) continue;
    const colours = [pixels[4 * i], pixels[4 * i + 1], pixels[4 * i + 2]];
    if (channels === 1) colours[0] = LUMA.reduce((sum, share, c) => sum + share * colours[c], 0);
    for (let c = 0; c < channels; c++) values[c * size + i] = (colours[c] / 255 - mean[c]) / std[c];
  }
  return tensor(values, [1, channels, rows, cols]);
}

/**
 * Pixels as a picture to look at, hidden patches in the mean colour.
 * @param {ImageData} seen @param {About} about @param {Set<number>} hidden
 */
export function pictureOf(seen, { patch: [height, width], grid: [, cols], mean }, hidden) {
  const context = sheet(seen.width, seen.height);
  context.putImageData(seen, 0, 0);
  const [r, g, b] = mean.length === 1 ? [mean[0], mean[0], mean[0]] : mean;
  context.fillStyle = `rgb(${255 * r} ${255 * g} ${255 * b})`;
  for (const i of hidden) context.fillRect((i % cols) * width, Math.floor(i / cols) * height, width, height);
  return context.canvas;
}

/** Shows a picture on a canvas of its size. @param {HTMLCanvasElement} canvas @param {HTMLCanvasElement} picture */
export function paint(canvas, picture) {
  [canvas.width, canvas.height] = [picture.width, picture.height];
  canvas.getContext("2d")?.drawImage(picture, 0, 0);
}

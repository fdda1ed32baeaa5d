// The brightness of the patches: a shade over each, as dark as its weight is small.

import { greatest, leftOut } from "./palette.js";
import { html } from "./dom.js";

const DIM = 0.7; // of a patch of no weight: small patches need more contrast than large ones
const SIDE = 8; // pixels of the canvas a patch, for the hatching of one that is left out

/**
 * How bright each token is, from 0 to 1; NaN where its pair is left out. The root keeps what has
 * little weight legible; exact sizes are the arrows' and the numbers'.
 * @param {Float32Array | Float64Array} weights
 * @param {boolean} masked
 * @param {Float32Array} lit where to write it
 */
export function brightness(weights, masked, lit) {
  const share = 1 / (greatest(weights) || 1);
  for (let i = 0; i < lit.length; i++) lit[i] = leftOut(weights[i], masked) ? NaN : Math.sqrt(weights[i] * share);
}

/**
 * One canvas for all patches: what many elements would take longer to paint than a frame.
 * @param {[number, number]} grid
 */
export function shade([rows, cols]) {
  const element = html("canvas", { class: "vx-dim", width: cols * SIDE, height: rows * SIDE, "aria-hidden": "true" });
  const context = /** @type {CanvasRenderingContext2D} */ (element.getContext("2d"));
  const image = context.createImageData(cols * SIDE, rows * SIDE);
  const pixels = new Uint32Array(image.data.buffer);
  const shown = new Float32Array(rows * cols).fill(-1);

  /** @param {Float32Array} lit of the patches alone */
  function update(lit) {
    let changed = false;
    for (let i = 0; i < shown.length; i++) {
      if (Object.is(shown[i], lit[i])) continue;
      shown[i] = lit[i];
      changed = true;
      const corner = Math.floor(i / cols) * SIDE * SIDE * cols + (i % cols) * SIDE;
      if (Number.isNaN(lit[i])) hatch(corner);
      else block(corner, Math.round(255 * DIM * (1 - lit[i])) << 24);
    }
    if (changed) context.putImageData(image, 0, 0);
  }

  /** @param {number} corner @param {number} pixel */
  function block(corner, pixel) {
    for (let y = 0, at = corner; y < SIDE; y++, at += SIDE * cols) pixels.fill(pixel, at, at + SIDE);
  }

  /** Grey stripes, whatever the picture and the theme. @param {number} corner */
  function hatch(corner) {
    for (let y = 0; y < SIDE; y++) {
      for (let x = 0; x < SIDE; x++) pixels[corner + y * SIDE * cols + x] = (x + y) % 4 < 2 ? 0xd8585858 : 0xd8888888;
    }
  }

  return { element, update };
}

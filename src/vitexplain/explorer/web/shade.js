// What lies over the patches: a shade as dark as their weight is small, the colours of the scale,
// or lines around those of much weight. One canvas: many elements would take longer than a frame.

import { cover, GREY } from "./bright.js";
import { html } from "./dom.js";
import { LEVELS } from "./palette.js";

export { brightness } from "./bright.js";

/** @import { Look } from "./looks.js" */

const LEAST_SIDE = 8; // pixels of the canvas a patch, for the hatching of one that is left out
const WHOLE = 192; // pixels of the canvas across, at least: a line is a hundredth of the picture
const HEAT = 200 << 24; // how much of the picture the scale's colours cover
const LINES = [0.5, Math.SQRT1_2]; // √ of a quarter and a half of the largest weight
const WHITE = 0xffffffff;
const DARK = 0xff201c1b;

/** @param {[number, number]} grid */
export function shade([rows, cols]) {
  const side = Math.max(LEAST_SIDE, Math.ceil(WHOLE / Math.max(rows, cols)));
  const width = cols * side;
  const element = html("canvas", { class: "vx-dim", width, height: rows * side, "aria-hidden": "true" });
  const context = /** @type {CanvasRenderingContext2D} */ (element.getContext("2d"));
  const image = context.createImageData(width, rows * side);
  const pixels = new Uint32Array(image.data.buffer);
  const shown = new Float32Array(rows * cols).fill(-1);
  /** @type {Look} */ let seen = "brightness";
  /** @type {Uint32Array | null} */ let last = null;

  /**
   * @param {Float32Array} lit of the patches alone
   * @param {Look} [look]
   * @param {Uint32Array | null} [scale] the palette's, for the heat
   */
  function update(lit, look = "brightness", scale = null) {
    let changed = look !== seen || (look === "heat" && scale !== last);
    if (changed) shown.fill(-1);
    [seen, last] = [look, scale];
    for (let i = 0; i < shown.length; i++) {
      if (Object.is(shown[i], lit[i])) continue;
      shown[i] = lit[i];
      changed = true;
      const corner = Math.floor(i / cols) * side * width + (i % cols) * side;
      if (Number.isNaN(lit[i])) hatch(corner);
      else block(corner, pixelOf(lit[i], look, scale));
    }
    if (changed && look === "contour") LINES.forEach(outline);
    if (changed) context.putImageData(image, 0, 0);
  }

  /** @param {number} corner @param {number} pixel */
  function block(corner, pixel) {
    for (let y = 0, at = corner; y < side; y++, at += width) pixels.fill(pixel, at, at + side);
  }

  /** Grey stripes, whatever the picture and the theme. @param {number} corner */
  function hatch(corner) {
    for (let y = 0; y < side; y++) {
      for (let x = 0; x < side; x++) pixels[corner + y * width + x] = (x + y) % 4 < 2 ? 0xd8585858 : 0xd8888888;
    }
  }

  /** A white line with a dark edge inside the patches that are at least so bright. @param {number} least */
  function outline(least) {
    const inside = (/** @type {number} */ r, /** @type {number} */ c) =>
      r >= 0 && c >= 0 && r < rows && c < cols && shown[r * cols + c] >= least;
    for (let r = 0; r < rows; r++) {
      for (let c = 0; c < cols; c++) {
        if (!inside(r, c)) continue;
        const corner = (r * width + c) * side;
        const end = side - 1;
        for (const [far, colour] of [[1, DARK], [0, WHITE]]) {
          for (let k = 0; k < side; k++) {
            if (!inside(r - 1, c)) pixels[corner + far * width + k] = colour;
            if (!inside(r + 1, c)) pixels[corner + (end - far) * width + k] = colour;
            if (!inside(r, c - 1)) pixels[corner + k * width + far] = colour;
            if (!inside(r, c + 1)) pixels[corner + k * width + end - far] = colour;
          }
        }
      }
    }
  }

  return { element, update };
}

/** @param {number} lit @param {Look} look @param {Uint32Array | null} scale */
function pixelOf(lit, look, scale) {
  if (look === "contour") return 0;
  if (look === "heat" && scale) return (scale[Math.round(lit * (LEVELS - 1))] & 0xffffff) | HEAT;
  return (Math.round(255 * cover(lit)) << 24) | (GREY << 16) | (GREY << 8) | GREY;
}

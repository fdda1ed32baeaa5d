// The page's colours as numbers, and a matrix as a picture in them.

/** @import { Matrix } from "./types.js" */

/** @typedef {{query: string, key: string, ink: string, muted: string, paper: string, scale: number[][]}} Palette */

const STOPS = 9;

/** Reads the custom properties that the theme sets. @param {CSSStyleDeclaration} style @returns {Palette} */
export function palette(style) {
  const get = (/** @type {string} */ name) => style.getPropertyValue(`--vx-${name}`).trim() || style.color;
  const scale = Array.from({ length: STOPS }, (_, i) => rgb(get(`scale-${i}`)));
  return { query: get("query"), key: get("key"), ink: get("ink"), muted: get("muted"), paper: get("paper"), scale };
}

/** Any CSS colour as red, green and blue. @param {string} colour */
function rgb(colour) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 1;
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d", { willReadFrequently: true }));
  context.fillStyle = colour;
  context.fillRect(0, 0, 1, 1);
  return Array.from(context.getImageData(0, 0, 1, 1).data.slice(0, 3));
}

/**
 * A picture of one pixel a cell, from 0 to the largest entry.
 * @param {Matrix} matrix
 * @param {Palette} palette
 */
export function bitmap(matrix, { scale }) {
  const { rows, cols, values } = matrix;
  const canvas = document.createElement("canvas");
  canvas.width = cols;
  canvas.height = rows;
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const pixels = context.createImageData(cols, rows);
  let most = 0;
  for (const value of values) most = Math.max(most, value);
  values.forEach((value, i) => {
    const place = (value / (most || 1)) * (STOPS - 1);
    const stop = Math.min(STOPS - 2, Math.floor(place));
    for (let c = 0; c < 3; c++) {
      pixels.data[4 * i + c] = scale[stop][c] + (place - stop) * (scale[stop + 1][c] - scale[stop][c]);
    }
    pixels.data[4 * i + 3] = 255;
  });
  context.putImageData(pixels, 0, 0);
  return canvas;
}

// The pictures of the strip: every map's row of the chosen query, all on one canvas. With a grid
// each is the picture's patches, as bright as on the board; without, one bar a token.

import { row } from "./data.js";
import { html } from "./dom.js";
import { LEVELS, palette, stripes } from "./palette.js";
import { lights } from "./bright.js";
import { boardOf, samePlace } from "./maps.js";

/** @import { Store } from "./store.js" */

export const GAP = 2; // pixels between two; the same as in explorer.css

/**
 * @param {Store} store
 * @param {Array<{r: number, c: number}>} places of the maps
 * @param {number} rows
 * @param {number} cols
 */
export function tiles(store, places, rows, cols) {
  const element = html("canvas", { class: "vx-tiles", "aria-hidden": "true" });
  const context = /** @type {CanvasRenderingContext2D} */ (element.getContext("2d"));
  const { tokens, maps: all } = store.example;
  const boards = all.map((map) => boardOf(store.example, map));
  const lit = new Float32Array(tokens.length);
  const high = Math.max(...boards.map(({ grid }) => grid?.[0] ?? 0));
  const wide = Math.max(...boards.map(({ grid }) => grid?.[1] ?? 0));
  const patches = high ? patchesOf([high, wide], rows, cols) : null;
  let [width, height, ratio] = [0, 0, 1];
  /** @type {import("./palette.js").Palette | null} */
  let colours = null;

  /** Whether the room or the theme is another than before. @param {CSSStyleDeclaration} style */
  function resize(style) {
    const seen = [element.clientWidth, element.clientHeight, window.devicePixelRatio || 1];
    const now = palette(style);
    if (now === colours && String(seen) === String([width, height, ratio])) return false;
    [width, height, ratio] = seen;
    colours = now;
    [element.width, element.height] = [Math.round(width * ratio), Math.round(height * ratio)];
    return true;
  }

  function update() {
    if (!colours || width === 0) return;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    if (store.hidden) return;
    const [w, h] = [(width - (cols - 1) * GAP) / cols, (height - (rows - 1) * GAP) / rows];
    const { maps } = store.example;
    const queries = maps.map((map) => samePlace(store.example, map, store.state.query, store.board));
    let holes = false;
    maps.forEach((map, i) => {
      lights(map, row(map.weights, queries[i]), lit, boards[i].before);
      holes ||= lit.some(Number.isNaN);
      if (colours) patches?.write(lit, boards[i], places[i], colours);
    });
    const under = holes ? stripes(context, colours) : "";
    const source = patches?.finish() ?? null;
    context.imageSmoothingEnabled = false;
    maps.forEach((map, i) => {
      const { r, c } = places[i];
      const [x, y] = [c * (w + GAP), r * (h + GAP)];
      if (under) {
        context.fillStyle = under;
        context.fillRect(x, y, w, h);
      }
      const { grid } = boards[i];
      if (source && grid) context.drawImage(source, c * wide, r * high, grid[1], grid[0], x, y, w, h);
      else if (colours) bars(row(map.weights, queries[i]), x, y, w, h, colours);
    });
  }

  /** @type {(weights: ArrayLike<number>, x: number, y: number, w: number, h: number, colours: import("./palette.js").Palette) => void} */
  function bars(weights, x, y, w, h, { line, weight }) {
    context.fillStyle = line;
    context.fillRect(x, y + h - 1, w, 1);
    context.fillStyle = weight;
    const step = w / weights.length;
    const gap = step > 3 ? 1 : 0;
    for (let j = 0; j < weights.length; j++) {
      const tall = weights[j] * (h - 2);
      if (tall > 0) context.fillRect(x + j * step, y + h - 1 - tall, step - gap, tall);
    }
  }

  return { element, update, resize };
}

/**
 * One pixel a patch, for all maps.
 * @param {[number, number]} grid
 * @param {number} rows
 * @param {number} cols
 */
function patchesOf([high, wide], rows, cols) {
  const canvas = html("canvas", { width: cols * wide, height: rows * high });
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const image = context.createImageData(canvas.width, canvas.height);
  const pixels = new Uint32Array(image.data.buffer);
  return {
    /** @type {(lit: Float32Array, board: ReturnType<typeof boardOf>, place: {r: number, c: number}, palette: import("./palette.js").Palette) => void} */
    write(lit, { before, grid }, { r, c }, { scale }) {
      const [own, across] = grid ?? [0, 0];
      for (let i = 0; i < own; i++) {
        const start = (r * high + i) * cols * wide + c * wide;
        for (let j = 0; j < across; j++) {
          const bright = lit[before + i * across + j];
          pixels[start + j] = bright >= 0 ? scale[(bright * (LEVELS - 1) + 0.5) | 0] : 0;
        }
      }
    },
    finish() {
      context.putImageData(image, 0, 0);
      return canvas;
    },
  };
}

// Numbers as pixels: over the picture, and as small maps.

/** @typedef {{low: number, high: number}} Range */

/** The colours of a scale at 256 steps. @param {string[]} colours */
export function ramp(colours) {
  const stops = colours.map((hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16)));
  const table = new Uint8ClampedArray(256 * 3);
  for (let i = 0; i < 256; i++) {
    const x = (i / 255) * (stops.length - 1);
    const k = Math.min(Math.floor(x), stops.length - 2);
    for (let c = 0; c < 3; c++) table[3 * i + c] = stops[k][c] + (x - k) * (stops[k + 1][c] - stops[k][c]);
  }
  return table;
}

/** From zero, or from the least; never of no extent. @param {ArrayLike<number>} values @param {boolean} stretch @returns {Range} */
export function range(values, stretch) {
  let [low, high] = [Infinity, -Infinity];
  for (let i = 0; i < values.length; i++) {
    low = Math.min(low, values[i]);
    high = Math.max(high, values[i]);
  }
  if (!stretch) low = 0;
  return { low, high: high > low ? high : low + 1 };
}

/**
 * One pixel a value. "light" is a shade that lets strong values shine through, "colour" the scale.
 * @param {HTMLCanvasElement} canvas @param {ArrayLike<number>} values @param {[number, number]} grid
 * @param {Range} span @param {"light" | "colour" | "plain"} look @param {Uint8ClampedArray} table
 */
export function paint(canvas, values, [rows, cols], { low, high }, look, table) {
  [canvas.width, canvas.height] = [cols, rows];
  const context = canvas.getContext("2d");
  if (!context) return;
  const pixels = context.createImageData(cols, rows);
  for (let i = 0; i < rows * cols; i++) {
    const lit = Math.max(0, Math.min(1, (values[i] - low) / (high - low)));
    const step = Math.round(255 * lit);
    const colour = look === "light" ? [48, 48, 48] : table.subarray(3 * step, 3 * step + 3);
    pixels.data.set(colour, 4 * i);
    pixels.data[4 * i + 3] = look === "light" ? Math.round(153 * (1 - Math.sqrt(lit))) : look === "colour" ? 224 : 255;
  }
  context.putImageData(pixels, 0, 0);
}

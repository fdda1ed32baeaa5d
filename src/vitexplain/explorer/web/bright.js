// How bright a weight makes its patch: one rule, as in vitexplain.pixels.

export const GREY = 48; // of 255: what covers a patch
export const DEEPEST = 0.6; // how much of a patch of no weight is covered

/** The largest number of a list; 0 if there is none above. @param {ArrayLike<number>} values */
export function greatest(values) {
  let most = 0;
  for (let i = 0; i < values.length; i++) if (values[i] > most) most = values[i]; // never a NaN
  return most;
}

/** Whether a pair was left out: its weight is no number, or 0 where zeros mean a mask. @param {number} weight @param {boolean} masked */
export function leftOut(weight, masked) {
  return masked ? !(weight > 0) : Number.isNaN(weight);
}

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
  return lit;
}

/**
 * The same for a token's row of a map; what is asked nothing is as bright as it is: a word not at
 * all, a patch of the picture wholly.
 * @param {import("./types.js").AttentionMap} map @param {Float32Array | Float64Array} weights of the row
 * @param {Float32Array} lit @param {number} before how many tokens stand above the picture
 */
export function lights({ weights: { cols, left = 0 }, masked }, weights, lit, before) {
  brightness(weights, masked, lit);
  if (left > 0) lit.fill(0, 0, Math.min(left, before)).fill(1, before, Math.max(left, before));
  const end = left + cols;
  if (end < lit.length) lit.fill(0, end, Math.max(end, before)).fill(1, Math.max(end, before));
  return lit;
}

/** How much of a patch the grey covers, from 0 to `DEEPEST`. @param {number} lit */
export function cover(lit) {
  return DEEPEST * (1 - lit);
}

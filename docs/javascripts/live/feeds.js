// What a model is asked: the picture's numbers, and what is switched off.

import { inputOf } from "./pixels.js";
import { scalar, tensor } from "./runtime.js";

/** @import { About, Tensor } from "./protocol.js" */

const BRANCHES = 4; // of a block: carried past attention, attention, carried past the MLP, the MLP

/**
 * The inputs that a model has, as it was trained but for what is off, cut or hidden.
 * @param {{about: About, inputs: string[]}} model
 * @param {Uint8ClampedArray} pixels
 * @param {{hidden?: Set<number>, off?: Set<number>, cut?: Set<number>, positions?: boolean}} changes heads by their number in the model; branches as 4 × block + branch
 */
export function feedsOf({ about, inputs }, pixels, { hidden, off = new Set(), cut = new Set(), positions = true }) {
  const { layers, heads } = about;
  const ones = (/** @type {number} */ each, /** @type {Set<number>} */ without) =>
    tensor(Array.from({ length: layers * each }, (_, i) => (without.has(i) ? 0 : 1)), [layers, each]);
  /** @type {Record<string, Tensor>} */
  const feeds = { images: inputOf(pixels, about, hidden) };
  if (inputs.includes("gates")) feeds.gates = ones(heads, off);
  if (inputs.includes("positions")) feeds.positions = scalar(Number(positions));
  if (inputs.includes("branches")) feeds.branches = ones(BRANCHES, cut);
  return feeds;
}

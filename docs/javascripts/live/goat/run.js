// A sheet as what the graph takes, and what the graph gives as the explorer's data.

import { flag, scalar, tensor } from "../runtime.js";
import { attentionOf } from "../trace.js";
import { IDENTITY, labelsOf } from "./sheet.js";

/** @import { Data } from "@vitexplain/explorer/types.js" */
/** @import { Tensor } from "../protocol.js" */
/** @import { Sheet, Square } from "./sheet.js" */

/** @param {Sheet} sheet @returns {Record<string, Tensor>} */
export function feeds({ words, matrices: { q, k, v }, scaling, causal, temperature }) {
  const square = (/** @type {Square} */ numbers) => tensor([...numbers], [2, 2]);
  return {
    tokens: tensor(words.flatMap((one) => one.at), [words.length, 2]),
    w_q: square(q),
    w_k: square(k),
    w_v: square(v),
    scaling: flag(scaling),
    temperature: scalar(temperature),
    causal: flag(causal),
  };
}

const LEAST = 2 ** -149; // above 0, in 32 bits

/**
 * A word that may be heard has a weight above 0, though it can be too small for 32 bits. Beside a
 * mask a 0 says that a word is left out: where it is not, the least number stands for it.
 * @param {Float32Array} weights
 * @param {number} count
 */
function heard(weights, count) {
  for (let query = 0; query < count; query++) {
    for (let key = 0; key <= query; key++) weights[query * count + key] ||= LEAST;
  }
}

/**
 * @param {Sheet} sheet
 * @param {Record<string, Tensor>} outputs
 * @param {Data} first what the explorer showed first: its tour, its names, its query
 * @param {string[]} axes
 * @returns {Data}
 */
export function dataOf({ words, matrices: { q, k, v }, scaling, causal, temperature }, outputs, first, axes) {
  const plain = (/** @type {Square} */ matrix) => String(matrix) === String(IDENTITY);
  const labels = labelsOf(words);
  const [{ name, maps }] = first.examples;
  const { name: attention } = maps[0];
  if (causal) heard(/** @type {Float32Array} */ (outputs.weights.data), words.length);
  const data = attentionOf(outputs, {
    title: first.title,
    tokens: words.map(({ word }, i) => ({ label: labels[i], short: word })),
    masked: causal,
    named: () => ({
      name: attention,
      divisor: (scaling ? Math.sqrt(axes.length) : 1) * temperature,
      // A column is an axis of the plane as long as nothing mixes the two.
      ...(plain(q) && plain(k) && { dims: axes }),
      ...(plain(v) && { valueDims: axes }),
    }),
  });
  data.examples[0].name = name; // the same example: the explorer need not be made anew
  return { ...data, tour: first.tour, query: Math.min(first.query, words.length - 1), url: true };
}

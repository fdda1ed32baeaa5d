// How sure a model is, and whether it has seen anything like it.

/** @import { About } from "../protocol.js" */

/**
 * Each class' probability: softmax of the logits over the temperature that suits the model.
 * @param {ArrayLike<number>} logits @param {About} about
 */
export function probabilities(logits, { temperature = 1 }) {
  const { powers, sum } = exponentials(Array.from(logits, (x) => x / temperature));
  return powers.map((x) => x / sum);
}

/**
 * Whether the energy, −log Σ exp(logits), is above what pictures of the model's classes have.
 * @param {ArrayLike<number>} logits @param {About} about
 */
export function isStrange(logits, { energy_limit: limit }) {
  const { most, sum } = exponentials(Array.from(logits));
  return limit !== undefined && -(most + Math.log(sum)) > limit;
}

/** @param {number} share 0 to 1 */
export function percent(share) {
  if (share > 0 && share < 0.005) return "< 1 %";
  if (share > 0.995 && share < 1) return "> 99 %";
  return `${(100 * share).toFixed(0)} %`;
}

/** Powers of e, less the largest so that none overflows, and their sum. @param {number[]} values */
function exponentials(values) {
  const most = Math.max(...values);
  const powers = values.map((x) => Math.exp(x - most));
  return { most, powers, sum: powers.reduce((a, b) => a + b, 0) };
}

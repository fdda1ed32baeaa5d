// What is asked of a model, and the last answers, so that nothing is asked twice.

import { feedsOf } from "../feeds.js";

/** @import { About, Tensor } from "../protocol.js" */
/** @import { Model } from "../runtime.js" */
/** @import { Answer, Place, Reader } from "./state.js" */

const KEPT = 4; // answers
const LIGHT = 8e6; // bytes of scores that every run may bring along
const ALWAYS = ["logits", "weights", "mean", "rollout"];
const STEPS = ["query", "key", "value", "scores", "scaled", "head_outputs"];

let counted = 0;
/** @type {WeakMap<object, number>} */
const numbers = new WeakMap();
/** A number for a thing, to tell it from others. @param {object} thing */
function numberOf(thing) {
  if (!numbers.has(thing)) numbers.set(thing, ++counted);
  return numbers.get(thing);
}

export class Runs {
  /** @type {Map<string, Record<string, Tensor>>} */ #kept = new Map();

  /**
   * A model's answer to a picture as it is now.
   * @param {Reader & {model: Model}} reader
   * @param {Place & {seen: ImageData}} place
   * @param {number} layer whose steps are wanted of a large model
   * @returns {Promise<Answer>}
   */
  async answer({ model, about, off }, place, layer) {
    const key = [numberOf(model), numberOf(place.seen), [...place.hidden], [...off], isLight(about) || layer].join("|");
    const known = this.#kept.get(key);
    if (known) return { about, outputs: known, place };
    const feeds = feedsOf(model, place.seen.data, { hidden: place.hidden, off });
    const outputs = await model.run(feeds, wanted(model, layer));
    this.#kept.set(key, outputs);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > KEPT) this.#kept.delete(oldest);
    return { about, outputs, place };
  }

  clear() {
    this.#kept.clear();
  }
}

/** Tokens of a model's sequence. @param {About} about */
export function tokenCount({ prefix, grid: [rows, cols] }) {
  return prefix + rows * cols;
}

/** Bytes of a number for every pair of tokens in every head. @param {About} about */
export function pairBytes(about) {
  return 4 * about.layers * about.heads * tokenCount(about) ** 2;
}

/** Whether every run brings the steps of all layers along, or those of one. @param {About} about */
export function isLight(about) {
  return 2 * pairBytes(about) <= LIGHT;
}

/**
 * The outputs that are looked at; of a large model the steps of one layer alone.
 * @param {Model} model @param {number} layer
 */
function wanted({ about, outputs }, layer) {
  const light = isLight(about);
  return outputs.filter((name) => {
    const [kind, of] = name.split(".");
    return ALWAYS.includes(kind) || (STEPS.includes(kind) && (light || Number(of) === layer));
  });
}

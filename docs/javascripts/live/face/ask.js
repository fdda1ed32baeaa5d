// Asks a model about a picture, and makes of its outputs what the explorer and the panel show.

import { strings } from "../../strings/face.js";
import { inputOf, sheet } from "../pixels.js";
import { scalar, tensor } from "../runtime.js";
import { attentionOf, traceOf } from "../trace.js";
import { tokensOf } from "./studio.js";

/** @import { Data, Head } from "@vitexplain/explorer/types.js" */
/** @import { Tensor } from "../protocol.js" */
/** @import { Model } from "../runtime.js" */
/** @import { Picture } from "./picture.js" */
/** @import { Face, Weights } from "./studio.js" */

/** What a patch says: the largest of its logits, and how far it is ahead of the next. @typedef {{tag: number, logits: ArrayLike<number>, ahead: number}} Said */

/** @typedef {{face: Face, picture: Picture, weights: Weights, positions: boolean}} Question */

/**
 * What a model made of a picture: its answers (null where it has none), and what they may be.
 * @typedef {Pick<Question, "picture" | "face" | "weights"> & {data: Data, answers: Said[] | null, tags: string[]}} Result
 */

const AS_THEY_ARE = { mean: [0, 0, 0], std: [1, 1, 1] }; // pixels from 0 to 1

/**
 * @param {Record<Weights, Model>} models
 * @param {Question} question
 * @param {Data} first the explorer's first state: how the designed maps are called
 * @returns {Promise<Result>}
 */
export async function ask(models, { picture, face, weights, positions }, first) {
  const { about } = models[weights];
  const on = scalar(positions ? 1 : 0);
  const images = inputOf(picture.pixels, { ...AS_THEY_ARE, ...about });
  const show = {
    title: first.title,
    tokens: tokensOf(picture, face),
    grid: about.grid,
    image: address(picture),
  };
  if (weights === "designed") {
    const pixels = { ...images, dims: images.dims.slice(1) };
    const named = (/** @type {unknown} */ _, /** @type {Head} */ head) => {
      const { name, note, dims, valueDims } = first.examples[0].maps[Number(head)];
      return { name, note, dims, valueDims };
    };
    const data = attentionOf(await models.designed.run({ pixels, positions: on }), { ...show, named });
    return { picture, face, weights, data, answers: null, tags: [] };
  }
  const gates = tensor(new Float32Array(about.layers * about.heads).fill(1), [about.layers, about.heads]);
  const outputs = await models.learned.run({ images, gates, positions: on });
  const { head: numbered, ...others } = strings.maps;
  const data = traceOf(about, outputs, { ...show, named: (_, head) => ({ name: typeof head === "number" ? numbered(head) : others[head] }) });
  return { picture, face, weights, data, answers: answersOf(outputs.logits), tags: about.labels ?? [] };
}

/** What each patch says. @param {Tensor} logits (1, patch, class) @returns {Said[]} */
function answersOf({ data, dims: [, patches, classes] }) {
  return Array.from({ length: patches }, (_, place) => {
    const logits = /** @type {Float32Array} */ (data).subarray(place * classes, (place + 1) * classes);
    const [first, second] = [...logits.keys()].sort((a, b) => logits[b] - logits[a]);
    return { tag: first, logits, ahead: logits[first] - logits[second] };
  });
}

/** The picture as a data: address. @param {Picture} picture */
function address(picture) {
  const context = sheet(picture.width, picture.height);
  picture.draw(context);
  return context.canvas.toDataURL();
}

// Asks a model about a picture, and makes of its outputs what the explorer and the panel show.

import { scalar, tensor } from "../runtime.js";
import { attentionOf, traceOf } from "../trace.js";
import { strings } from "../../strings/face.js";
import { tokensOf } from "./names.js";

/** @import { Data } from "@vitexplain/explorer/types.js" */
/** @import { Model } from "../runtime.js" */
/** @import { Tensor } from "../types.js" */
/** @import { Picture } from "./picture.js" */
/** @import { Face, Result, Said, Weights } from "./types.js" */

/** @typedef {{face: Face, picture: Picture, weights: Weights, positions: boolean}} Question */

/**
 * @param {Record<Weights, Model>} models
 * @param {Question} question
 * @param {Data} first the explorer's first state: how the designed maps are called
 * @returns {Promise<Result>}
 */
export async function ask(models, question, first) {
  const { picture, face, weights } = question;
  const { about } = models[weights];
  const positions = scalar(question.positions ? 1 : 0);
  const show = {
    title: first.title,
    tokens: tokensOf(picture, face),
    grid: /** @type {[number, number]} */ ([picture.shape.rows, picture.shape.cols]),
    image: address(picture),
    names: strings.maps,
  };
  if (weights === "designed") {
    const pixels = tensor(picture.planes([0, 0, 0], [1, 1, 1]), [3, picture.height, picture.width]);
    const outputs = await models.designed.run({ pixels, positions });
    const data = attentionOf(outputs, show);
    const { maps } = data.examples[0];
    first.examples[0].maps.forEach(({ name, note, dims, valueDims }, i) => Object.assign(maps[i], { name, note, dims, valueDims }));
    return { picture, face, weights, data, answers: null, tags: [] };
  }
  const images = tensor(picture.planes(about.mean, about.std), [1, 3, picture.height, picture.width]);
  const gates = tensor(new Float32Array(about.layers * about.heads).fill(1), [about.layers, about.heads]);
  const outputs = await models.learned.run({ images, gates, positions });
  return { picture, face, weights, data: traceOf(about, outputs, show), answers: answersOf(outputs.logits), tags: about.labels ?? [] };
}

/** What each patch says. @param {Tensor} logits (1, patch, class) @returns {Said[]} */
function answersOf({ data, dims }) {
  const classes = dims[dims.length - 1];
  return Array.from({ length: dims[dims.length - 2] }, (_, place) => {
    const logits = /** @type {Float32Array} */ (data).subarray(place * classes, (place + 1) * classes);
    const [first, second] = [...logits.keys()].sort((a, b) => logits[b] - logits[a]);
    return { tag: first, logits, ahead: logits[first] - logits[second] };
  });
}

/** @type {HTMLCanvasElement | null} */
let canvas = null;

/** The picture as a data: address. @param {Picture} picture */
function address(picture) {
  canvas ??= document.createElement("canvas");
  if (canvas.width !== picture.width) canvas.width = picture.width;
  if (canvas.height !== picture.height) canvas.height = picture.height;
  picture.draw(/** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d", { willReadFrequently: true })));
  return canvas.toDataURL();
}

// A model's answer as the explorer's data, and one row of it.

import { strings } from "../../strings/lab.js";
import { pictureOf } from "../pixels.js";
import { traceOf } from "../trace.js";

/** @import { AttentionExplorer } from "@vitexplain/explorer/element.js" */
/** @import { Data, Head, State, Token } from "@vitexplain/explorer/types.js" */
/** @import { About } from "../protocol.js" */
/** @import { Answer } from "./state.js" */

/** What an explorer shows: its element takes parts of a state, and gives all of it. @param {AttentionExplorer} explorer */
export function lookOf({ state }) {
  return /** @type {State} */ (state);
}

/** @type {WeakMap<About, Token[]>} */
const made = new WeakMap();

/** The tokens of a model, named by their place. @param {About} about */
export function tokensOf(about) {
  const known = made.get(about);
  if (known) return known;
  const { prefix, grid: [rows, cols] } = about;
  const say = strings.tokens;
  const first = Array.from({ length: prefix }, (_, i) => (i === 0 ? say.first : say.other(i)));
  const patches = Array.from({ length: rows * cols }, (_, i) => say.patch(Math.floor(i / cols), i % cols));
  const tokens = [...first, ...patches];
  made.set(about, tokens);
  return tokens;
}

/** @param {Answer} answer @returns {Data} */
export function dataOf({ about, outputs, place }) {
  const { hidden, seen } = place;
  const { meanNote, rolloutNote } = strings.maps;
  return traceOf(about, outputs, {
    title: about.name,
    tokens: tokensOf(about),
    grid: about.grid,
    image: seen && pictureOf(seen, about, hidden).toDataURL(),
    named: (layer, head) => ({
      name: mapName(layer, head),
      note: head === "mean" ? meanNote(about.heads) : head === "rollout" ? rolloutNote(layer) : "",
    }),
  });
}

/** @param {number | null} layer @param {Head} head */
export function mapName(layer, head) {
  return typeof head === "number" ? strings.maps.head(layer, head) : strings.maps[head](layer);
}

/**
 * The weights of one query over the patches, and of the tokens before them; null if the model did
 * not give them.
 * @param {Answer} answer
 * @param {number} layer @param {Head} head @param {number} query
 */
export function rowOf({ about, outputs }, layer, head, query) {
  const tensor = outputs[`${typeof head === "number" ? "weights" : head}.${layer}`];
  if (!tensor || (typeof head === "number" && head >= about.heads)) return null;
  const tokens = tensor.dims[tensor.dims.length - 1];
  if (query >= tokens) return null;
  const at = ((typeof head === "number" ? head : 0) * tokens + query) * tokens;
  return /** @type {Float32Array} */ (tensor.data).subarray(at, at + tokens);
}

/**
 * The logits; of a model that answers for each patch, those of one.
 * @param {Answer} answer @param {number} query
 */
export function logitsOf({ about, outputs }, query) {
  const { logits } = outputs;
  if (!logits) return null;
  const values = /** @type {Float32Array} */ (logits.data);
  if (about.readout !== "patches") return values;
  const patch = Math.max(0, query - about.prefix);
  return values.subarray(patch * about.classes, (patch + 1) * about.classes);
}

/** A class' name. @param {About} about @param {number} i */
export function className({ labels }, i) {
  return labels?.[i] ?? strings.answer.unnamed(i);
}

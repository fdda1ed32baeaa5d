// A model's outputs as the explorer's data: views of the tensors, nothing is copied or computed.

/** @import { AttentionMap, Data, Head, Matrix, Token } from "@vitexplain/explorer/types.js" */
/** @import { About, Tensor } from "./protocol.js" */

/**
 * How to show a trace.
 * @typedef {object} Show
 * @property {string} title
 * @property {Token[]} tokens
 * @property {[number, number] | null} [grid]
 * @property {string | null} [image]   a data: or blob: address
 * @property {boolean} [masked]
 * @property {(layer: number | null, head: Head) => Partial<AttentionMap>} named what a map is called, and all that is not in the tensors
 */

const FIELDS = /** @type {const} */ (["query", "key", "value", "scores", "scaled", "weights"]);

/**
 * Every layer and head of what a ViT makes of one image, the means of the heads and the rollouts,
 * as far as the model gives them.
 * @param {About} about
 * @param {Record<string, Tensor>} outputs
 * @param {Show} show
 */
export function traceOf(about, outputs, show) {
  /** @type {AttentionMap[]} */
  const maps = [];
  for (let layer = 0; layer < about.layers; layer++) {
    const of = (/** @type {string} */ name) => outputs[`${name}.${layer}`];
    for (let head = 0; of("weights") && head < about.heads; head++) maps.push(mapOf(of, layer, head, show));
    for (const kind of /** @type {const} */ (["mean", "rollout"])) {
      const found = of(kind);
      if (found) maps.push(mapOf((name) => (name === "weights" ? found : undefined), layer, kind, show));
    }
  }
  return dataOf(maps, show);
}

/**
 * The map or the maps of one attention without layers: (token, …) or (head, token, …) each.
 * @param {Record<string, Tensor>} outputs
 * @param {Show} show
 */
export function attentionOf(outputs, show) {
  const { dims } = outputs.weights;
  const of = (/** @type {string} */ name) => outputs[name] ?? (name === "head_outputs" ? outputs.output : undefined);
  const heads = Array.from({ length: dims.length === 3 ? dims[0] : 1 }, (_, head) => mapOf(of, null, head, show));
  return dataOf(heads.map((map) => ({ ...map, head: null })), show);
}

/** @param {AttentionMap[]} maps @param {Show} show @returns {Data} */
function dataOf(maps, { title, tokens, grid = null, image = null }) {
  const example = { name: title, tokens, grid, image, maps };
  return /** @type {Data} */ ({
    title, examples: [example], query: 0, map: 0, tour: [], rounds: [], url: false, compact: false,
  });
}

/** @param {(name: string) => Tensor | undefined} of @param {number | null} layer @param {Head} head @param {Show} show @returns {AttentionMap} */
function mapOf(of, layer, head, { named, masked = false }) {
  const place = typeof head === "number" ? head : 0;
  const fields = Object.fromEntries(FIELDS.map((field) => [field, slice(of(field), place)]));
  const numbers = (/** @type {Matrix | null} */ matrix) => Array.from({ length: matrix?.cols ?? 0 }, (_, i) => String(i + 1));
  return /** @type {AttentionMap} */ ({
    note: "", layer, head, masked, bias: null, ...fields,
    output: slice(of("head_outputs"), place),
    dims: numbers(fields.query),
    valueDims: numbers(fields.value),
    divisor: fields.query ? Math.sqrt(fields.query.cols) : 1,
    ...named(layer, head),
  });
}

/** The i-th matrix of a tensor, of its first image if it has more. @param {Tensor | undefined} tensor @param {number} i @returns {Matrix | null} */
function slice(tensor, i) {
  if (!tensor) return null;
  const [rows, cols] = tensor.dims.slice(-2);
  const values = /** @type {Float32Array} */ (tensor.data).subarray(i * rows * cols, (i + 1) * rows * cols);
  return { rows, cols, values };
}

// A model's outputs as the explorer's data: views of the tensors, nothing is copied or computed.

/** @import { AttentionMap, Data, Matrix, Token } from "@vitexplain/explorer/types.js" */
/** @import { About, Tensor } from "./types.js" */

/**
 * How to show a trace.
 * @typedef {object} Show
 * @property {string} title
 * @property {Token[]} tokens
 * @property {[number, number] | null} [grid]
 * @property {string | null} [image]   a data: or blob: address
 * @property {number} [batch]          which of the images
 * @property {string[]} [dims]         names of the columns of query and key
 * @property {string[]} [valueDims]
 * @property {{head: (i: number) => string, mean: string, rollout: string}} names of the maps
 * @property {number} [divisor]        what scores are divided by, if not √d
 * @property {number} [query]
 */

const FIELDS = /** @type {const} */ (["query", "key", "value", "scores", "scaled", "weights"]);

/**
 * Every layer and head of a ViT's outputs, the means of the heads and the rollouts, as far as the
 * model gives them.
 * @param {About} about
 * @param {Record<string, Tensor>} outputs
 * @param {Show} show
 * @returns {Data}
 */
export function traceOf(about, outputs, show) {
  /** @type {AttentionMap[]} */
  const maps = [];
  for (let layer = 0; layer < about.layers; layer++) {
    const of = (/** @type {string} */ name) => outputs[`${name}.${layer}`];
    if (of("weights")) {
      for (let head = 0; head < about.heads; head++) {
        const arrays = Object.fromEntries([
          ...FIELDS.map((field) => [field, part(of(field), show.batch ?? 0, head)]),
          ["output", part(of("head_outputs"), show.batch ?? 0, head)],
        ]);
        maps.push(map({ name: show.names.head(head), layer, head, arrays, show }));
      }
    }
    for (const kind of /** @type {const} */ (["mean", "rollout"])) {
      const weights = part(of(kind), show.batch ?? 0);
      if (weights) maps.push(map({ name: show.names[kind], layer, head: kind, arrays: { weights }, show }));
    }
  }
  return dataOf(maps, show);
}

/**
 * One map or several of one attention without layers: (token, …) or (head, token, …) each.
 * @param {Record<string, Tensor>} outputs
 * @param {Show & {masked?: boolean, notes?: string[], headNames?: string[]}} show
 * @returns {Data}
 */
export function attentionOf(outputs, show) {
  const heads = outputs.weights.dims.length === 3 ? outputs.weights.dims[0] : 1;
  const maps = Array.from({ length: heads }, (_, head) => {
    const arrays = Object.fromEntries([
      ...FIELDS.map((field) => [field, slice(outputs[field], head)]),
      ["output", slice(outputs.head_outputs ?? outputs.output, head)],
    ]);
    const name = show.headNames?.[head] ?? show.names.head(head);
    return map({ name, note: show.notes?.[head], arrays, show, masked: show.masked });
  });
  return dataOf(maps, show);
}

/** @param {AttentionMap[]} maps @param {Show} show @returns {Data} */
function dataOf(maps, { title, tokens, grid = null, image = null, query = 0 }) {
  const example = { name: title, tokens, grid, image, maps };
  return /** @type {Data} */ ({
    title, examples: [example], query, map: 0, tour: [], rounds: [], url: false, compact: false,
  });
}

/** @param {any} one @returns {AttentionMap} */
function map({ name, note = "", layer = null, head = null, arrays, show, masked = false }) {
  const numbered = (/** @type {Matrix | null} */ matrix) => matrix && Array.from({ length: matrix.cols }, (_, i) => String(i + 1));
  const { query = null, key = null, value = null, scores = null, scaled = null, weights, output = null } = arrays;
  return /** @type {AttentionMap} */ ({
    name, note, layer, head, masked,
    dims: show.dims ?? numbered(query) ?? [],
    valueDims: show.valueDims ?? numbered(value) ?? [],
    divisor: show.divisor ?? (query ? Math.sqrt(query.cols) : 1),
    query, key, value, scores, scaled, weights, output, bias: null,
  });
}

/** One image's matrix of (batch, row, col), or one head's of (batch, head, row, col).
 * @param {Tensor | undefined} tensor @param {number} batch @param {number} [head] */
function part(tensor, batch, head = 0) {
  if (!tensor) return null;
  const heads = tensor.dims.length === 4 ? tensor.dims[1] : 1;
  return slice(tensor, batch * heads + head);
}

/** The i-th matrix of a tensor. @param {Tensor | undefined} tensor @param {number} i @returns {Matrix | null} */
function slice(tensor, i) {
  if (!tensor) return null;
  const [rows, cols] = tensor.dims.slice(-2);
  const values = /** @type {Float32Array} */ (tensor.data).subarray(i * rows * cols, (i + 1) * rows * cols);
  return { rows, cols, values };
}

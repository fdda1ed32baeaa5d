// The stages of a Vision Transformer in the order in which they are computed: what each is called,
// its shape, what it is made of, and where its numbers lie in the graph's outputs.

/** @import { About, Tensor } from "../protocol.js" */

/** What a row or a column of a stage is. @typedef {"token" | "patch" | "key" | "dim" | "hidden" | "pixel" | "class" | "one"} Axis */
/** How a number comes to be. @typedef {"pixel" | "linear" | "embed" | "norm" | "dot" | "scale" | "softmax" | "mix" | "join" | "add" | "gelu" | "read" | "sure"} Kind */

/**
 * One matrix of the machine.
 * @typedef {object} Stage
 * @property {string} id        "weights.3.1": its name, block and head
 * @property {string} name
 * @property {number | null} layer
 * @property {number | null} head
 * @property {Kind} kind
 * @property {string[]} from    ids of what it is made of
 * @property {string} [weight]  the parameters that make it: "blocks.3.mlp.fc1"
 * @property {number} [first]   the first of the parameters' outputs that are this stage's
 * @property {[Axis, Axis]} axes
 * @property {number} rows
 * @property {number} cols
 * @property {number} step      when it is computed: all heads of a block at once
 */

const HEADS = /** @type {const} */ (["query", "key", "value", "scores", "scaled", "weights", "head_outputs"]);

/** @typedef {About & {classes: number}} Sized */

/** Every stage of a model, by its id, in order. @param {About} about @param {number} hidden numbers in the MLP @returns {Map<string, Stage>} */
export function planOf(about, hidden) {
  const { layers, heads, dim, classes, prefix, channels, grid: [rows, cols], patch: [high, wide] } = about;
  const [patches, pixels, each] = [rows * cols, high * wide * channels, dim / heads];
  const tokens = prefix + patches;
  /** @type {Map<string, Stage>} */
  const plan = new Map();
  /** @type {Map<string, number>} */
  const steps = new Map();
  /** @param {string} name @param {Kind} kind @param {string[]} from @param {[Axis, Axis]} axes @param {[number, number]} shape @param {Partial<Stage>} [more] */
  function add(name, kind, from, axes, shape, more = {}) {
    const { layer = null, head = null } = more;
    const id = idOf(name, layer, head);
    const when = idOf(name, layer);
    if (!steps.has(when)) steps.set(when, steps.size);
    plan.set(id, { id, name, kind, from, axes, rows: shape[0], cols: shape[1], step: steps.get(when) ?? 0, ...more, layer, head });
    return id;
  }
  add("patches", "pixel", [], ["patch", "pixel"], [patches, pixels]);
  add("projected", "linear", ["patches"], ["patch", "dim"], [patches, dim], { weight: "patch_embed.proj" });
  let x = add("tokens", "embed", ["projected"], ["token", "dim"], [tokens, dim]);
  for (let layer = 0; layer < layers; layer++) {
    const block = `blocks.${layer}`;
    const whole = /** @type {const} */ (["token", "dim"]);
    const here = (/** @type {string} */ name, /** @type {Kind} */ kind, /** @type {string[]} */ from, /** @type {string} */ weight = "") =>
      add(name, kind, from, [...whole], [tokens, dim], { layer, ...(weight && { weight: `${block}.${weight}` }) });
    const normed = here("normed", "norm", [x], "norm1");
    const outs = [];
    for (let head = 0; head < heads; head++) {
      const of = { layer, head };
      const [q, k, v] = HEADS.slice(0, 3).map((name, i) =>
        add(name, "linear", [normed], ["token", "dim"], [tokens, each], { ...of, weight: `${block}.attn.qkv`, first: i * dim + head * each }));
      const pairs = /** @type {[Axis, Axis]} */ (["token", "key"]);
      const scores = add("scores", "dot", [q, k], pairs, [tokens, tokens], of);
      const scaled = add("scaled", "scale", [scores], pairs, [tokens, tokens], of);
      const weights = add("weights", "softmax", [scaled], pairs, [tokens, tokens], of);
      outs.push(add("head_outputs", "mix", [weights, v], ["token", "dim"], [tokens, each], of));
    }
    const merged = here("merged", "join", outs);
    const attention = here("attention", "linear", [merged], "attn.proj");
    const residual = here("residual", "add", [x, attention]);
    const second = here("normed_mlp", "norm", [residual], "norm2");
    const wideAxes = /** @type {[Axis, Axis]} */ (["token", "hidden"]);
    const first = add("hidden", "linear", [second], wideAxes, [tokens, hidden], { layer, weight: `${block}.mlp.fc1` });
    const activated = add("activated", "gelu", [first], wideAxes, [tokens, hidden], { layer });
    const mlp = here("mlp", "linear", [activated], "mlp.fc2");
    x = here("output", "add", [residual, mlp]);
    add("lens", "linear", [x], ["token", "class"], [tokens, classes], { layer, weight: "head" });
  }
  const final = add("final", "norm", [x], ["token", "dim"], [tokens, dim], { weight: "norm" });
  const pooled = add("pooled", "read", [final], ["one", "dim"], [1, dim]);
  const logits = add("logits", "linear", [pooled], ["one", "class"], [1, classes], { weight: "head" });
  add("sure", "sure", [logits], ["one", "class"], [1, classes]);
  return plan;
}

/** @param {string} name @param {number | null} layer @param {number | null} [head] */
export function idOf(name, layer, head = null) {
  return [name, layer, head].filter((part) => part !== null).join(".");
}

/** A stage's numbers, row by row: a view of an output, of its first image. @param {Stage} stage @param {Record<string, Tensor>} outputs */
export function valuesOf({ name, layer, head, rows, cols }, outputs) {
  const tensor = outputs[idOf(name, layer)];
  if (!tensor) return null;
  const from = (head ?? 0) * rows * cols;
  return /** @type {Float32Array} */ (tensor.data).subarray(from, from + rows * cols);
}

// What one number of the machine is made of, with the numbers that made it. The products are
// multiplied here to be looked at; what they come to is the graph's own number.

import { valuesOf } from "./plan.js";

/** @import { About, Tensor } from "../protocol.js" */
/** @import { Changes } from "./settings.js" */
/** @import { Parameter } from "./parameters.js" */
/** @import { Stage } from "./plan.js" */

/** A number's place. @typedef {{id: string, row: number, col: number}} Cell */
/** One part of a sum: a × b, or a alone; where a and b lie, if that can be gone to. @typedef {{a: number, b?: number, at?: Cell, by?: Cell}} Term */
/**
 * How a number came to be. A sum of terms, plus a bias, times a factor; or, for the other kinds,
 * the numbers that its formula names.
 * @typedef {{stage: Stage, cell: Cell, value: number, terms: Term[], bias?: number, factor?: number, named: Record<string, number>}} Made
 */

/**
 * @typedef {object} Known
 * @property {About & {eps: number}} about
 * @property {Map<string, Stage>} plan
 * @property {Record<string, Tensor>} outputs
 * @property {Map<string, Parameter> | null} parameters  null until they are there
 * @property {Changes} changes
 */

/** @param {Known} known @param {Cell} cell @returns {Made} */
export function madeOf(known, cell) {
  const { plan, about, parameters, changes } = known;
  const stage = /** @type {Stage} */ (plan.get(cell.id));
  const { kind, from, layer, row, col } = { ...stage, ...cell };
  const sources = from.map((id) => /** @type {Stage} */ (plan.get(id)));
  const value = at(known, cell);
  const made = /** @type {Made} */ ({ stage, cell, value, terms: [], named: {} });
  const place = (/** @type {Stage} */ { id }, /** @type {number} */ r, /** @type {number} */ c) => ({ id, row: r, col: c });
  const number = (/** @type {Stage} */ of, /** @type {number} */ r, /** @type {number} */ c) => at(known, place(of, r, c));
  const parameter = (/** @type {string} */ name) => parameters?.get(`${stage.weight}.${name}`);
  const branch = (/** @type {number} */ i) => (layer === null ? 1 : 1 - Number(changes.cut.has(4 * layer + i)));
  const [source, other] = sources;

  if (kind === "pixel") made.named = pixelOf(about, row, col, value);
  else if (kind === "linear") {
    const [weight, bias] = [parameter("weight"), parameter("bias")];
    const to = (stage.first ?? 0) + col;
    const entering = stage.name === "lens" ? normed(known, source, row) : null;
    const share = about.dim / about.heads;
    for (let i = 0; i < source.cols; i++) {
      const gate = stage.name === "attention" && changes.off.has(Number(layer) * about.heads + Math.floor(i / share)) ? 0 : 1;
      made.terms.push({ a: entering?.[i] ?? number(source, row, i), b: weight ? gate * weight.at(i, to) : NaN, ...(entering ? {} : { at: place(source, row, i) }) });
    }
    made.bias = bias?.at(0, to);
    if (stage.name === "attention") made.factor = branch(1);
    if (stage.name === "mlp") made.factor = branch(3);
  } else if (kind === "embed") {
    const first = row < about.prefix;
    const start = first ? (parameters?.get(row ? "dist_token" : "cls_token")?.at(0, col) ?? NaN) : number(source, row - about.prefix, col);
    const position = parameters?.get("pos_embed")?.at(row, col) ?? NaN;
    made.terms = [{ a: start, ...(first ? {} : { at: place(source, row - about.prefix, col) }) }, { a: changes.positions ? position : 0 }];
  } else if (kind === "norm") {
    const x = number(source, row, col);
    const { mean, spread } = spreadOf(known, source, row);
    made.terms = [{ a: x, at: place(source, row, col) }];
    made.named = { mean, spread, gamma: parameter("weight")?.at(0, col) ?? NaN, beta: parameter("bias")?.at(0, col) ?? NaN };
  } else if (kind === "dot") {
    for (let i = 0; i < source.cols; i++) made.terms.push({ a: number(source, row, i), b: number(other, col, i), at: place(source, row, i), by: place(other, col, i) });
  } else if (kind === "mix") {
    for (let k = 0; k < source.cols; k++) made.terms.push({ a: number(source, row, k), b: number(other, k, col), at: place(source, row, k), by: place(other, k, col) });
  } else if (kind === "scale") {
    made.terms = [{ a: number(source, row, col), at: place(source, row, col) }];
    made.named = { divisor: Math.sqrt(about.dim / about.heads) };
  } else if (kind === "softmax" || kind === "sure") {
    const degrees = kind === "sure" ? (about.temperature ?? 1) : 1;
    for (let k = 0; k < source.cols; k++) made.terms.push({ a: number(source, row, k) / degrees, at: place(source, row, k) });
    const most = Math.max(...made.terms.map(({ a }) => a));
    made.named = { most, sum: made.terms.reduce((sum, { a }) => sum + Math.exp(a - most), 0), own: made.terms[col].a, temperature: degrees };
  } else if (kind === "join") {
    const of = sources[Math.floor(col / source.cols)];
    made.terms = [{ a: value, at: place(of, row, col % source.cols) }];
  } else if (kind === "read") made.terms = [{ a: value, at: place(source, 0, col) }];
  else if (kind === "gelu") made.terms = [{ a: number(source, row, col), at: place(source, row, col) }];
  else if (kind === "add") {
    const carried = branch(stage.name === "residual" ? 0 : 2);
    made.terms = [{ a: number(source, row, col), ...(carried === 1 ? {} : { b: carried }), at: place(source, row, col) }, { a: number(other, row, col), at: place(other, row, col) }];
  }
  return made;
}

/** What the parts come to; a test holds it to the graph's number. @param {Made} made */
export function total({ stage: { kind }, value, terms, bias = 0, factor = 1, named }) {
  const [{ a = 0 } = {}] = terms;
  if (kind === "pixel") return (named.byte / 255 - named.mean) / named.std;
  if (kind === "norm") return ((a - named.mean) / named.spread) * named.gamma + named.beta;
  if (kind === "scale") return a / named.divisor;
  if (kind === "softmax" || kind === "sure") return Math.exp(named.own - named.most) / named.sum;
  if (kind === "gelu") return a * below(a);
  if (kind === "join" || kind === "read") return value;
  return factor * (terms.reduce((sum, { a: x, b = 1 }) => sum + x * b, 0) + bias);
}

/** The share of a normal distribution below x, Φ(x): Abramowitz & Stegun 7.1.26, to 1.5e-7. @param {number} x */
export function below(x) {
  const z = Math.abs(x) / Math.SQRT2;
  const t = 1 / (1 + 0.3275911 * z);
  const tail = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429)))) * Math.exp(-z * z);
  return x < 0 ? tail / 2 : 1 - tail / 2;
}

/** The number at a place. @param {Pick<Known, "plan" | "outputs">} known @param {Cell} cell */
export function at({ plan, outputs }, { id, row, col }) {
  const stage = /** @type {Stage} */ (plan.get(id));
  return valuesOf(stage, outputs)?.[row * stage.cols + col] ?? NaN;
}

/** @param {Known} known @param {Stage} stage @param {number} row */
function spreadOf({ outputs, about }, stage, row) {
  const values = /** @type {Float32Array} */ (valuesOf(stage, outputs)).subarray(row * stage.cols, (row + 1) * stage.cols);
  const mean = values.reduce((a, b) => a + b, 0) / stage.cols;
  const variance = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / stage.cols;
  return { values, mean, spread: Math.sqrt(variance + about.eps) };
}

/** A row after the model's last norm: what the lens reads. @param {Known} known @param {Stage} stage @param {number} row */
function normed(known, stage, row) {
  const { values, mean, spread } = spreadOf(known, stage, row);
  const [gamma, beta] = ["weight", "bias"].map((name) => known.parameters?.get(`norm.${name}`));
  return Array.from(values, (x, i) => ((x - mean) / spread) * (gamma?.at(0, i) ?? NaN) + (beta?.at(0, i) ?? NaN));
}

/** @param {About} about @param {number} patch @param {number} i @param {number} value */
function pixelOf({ mean, std, patch: [high, wide], grid: [, cols] }, patch, i, value) {
  const channel = Math.floor(i / (high * wide));
  const [row, col] = [Math.floor((i % (high * wide)) / wide), i % wide];
  const byte = (value * std[channel] + mean[channel]) * 255;
  return { channel, row: Math.floor(patch / cols) * high + row, col: (patch % cols) * wide + col, byte, mean: mean[channel], std: std[channel] };
}

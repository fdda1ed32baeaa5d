// What each stage of the calculation shows for the chosen query and key. All numbers come
// from the data but the products that are listed as terms.

import { at, row, strongest } from "./data.js";
import { fixed, html, number } from "./dom.js";
import { strings } from "./strings/explorer.js";
import { foldout, vector } from "./vectors.js";

/** @import { AttentionMap, Matrix } from "./types.js" */
/** @import { Stage } from "./store.js" */

/**
 * Everything a stage may need.
 * @typedef {object} Scene
 * @property {AttentionMap} map
 * @property {number} q
 * @property {number} k
 * @property {(i: number) => string} name
 * @property {(kind: string) => boolean} isOpen whether the reader opened a foldout
 */

const MOST_ROWS = 16; // of a table of what each token adds
const say = strings.steps;

/** The arrays that a stage shows, and that a map may lack. @type {Record<Stage, Array<keyof AttentionMap>>} */
const needs = {
  query: ["query"],
  keys: ["query", "key"],
  scores: ["scores"],
  scale: ["scaled"],
  softmax: ["scaled"],
  values: ["value"],
  output: ["output"],
};

/** Whether a map has what a stage shows. @param {AttentionMap} map @param {Stage} stage */
export function canShow(map, stage) {
  return needs[stage].every((field) => map[field]);
}

/** The number that the list of keys shows at a stage. @type {Partial<Record<Stage, "scores" | "scaled" | "weights">>} */
export const listed = {
  scores: "scores",
  scale: "scaled",
  softmax: "weights",
  values: "weights",
  output: "weights",
};

/** Whether a mask or a window leaves a pair out. @param {AttentionMap} map @param {number} q @param {number} k */
export function isLeftOut(map, q, k) {
  return map.masked && at(map.weights, q, k) === 0;
}

/** Whether the score of a pair was never computed. @param {AttentionMap} map @param {number} q @param {number} k */
function isOutside(map, q, k) {
  return Number.isNaN(at(map.scores ?? map.scaled ?? map.weights, q, k));
}

/** The sentence that a stage begins with. @param {Stage} stage @param {Scene} scene */
export function told(stage, { map, q, k, name }) {
  const pair = /** @type {const} */ ([name(q), name(k)]);
  const score = stage === "scores" || stage === "scale" || stage === "softmax";
  if (score && isOutside(map, q, k)) return say.outside(...pair);
  const masked = isLeftOut(map, q, k);
  if (stage === "softmax" && masked) return say.masked(...pair);
  if (stage === "softmax") {
    const some = row(map.weights, q).some((_, j) => isLeftOut(map, q, j) && !isOutside(map, q, j));
    return `${map.bias ? say.softmaxOfBiased : say.say.softmax()}${some ? ` ${say.allowed}` : ""}`;
  }
  const after = score && masked ? ` ${say.masked(...pair)}` : "";
  if (stage !== "scale") return `${say.say[stage](...pair)}${after}`;
  const bias = map.bias ? ` ${say.biased(...pair)}` : "";
  return `${rule(map)}${bias}${after}`;
}

/** How scores are scaled. @param {AttentionMap} map */
function rule(map) {
  if (byRoot(map)) return say.say.scale();
  if (map.divisor === 1) return say.unscaled;
  return map.divisor === null ? say.rescaled : say.divide(fixed(map.divisor));
}

/** Whether the divisor is √d. @param {AttentionMap} map */
function byRoot({ divisor, dims }) {
  return divisor !== null && Math.abs(divisor * divisor - dims.length) < 1e-6 * dims.length;
}

/**
 * One number's way through the softmax, from what the data hold: relative to its row's largest,
 * e^(logit − peak) is its share of the largest weight, and their sum is what makes that 1 its weight.
 * @param {AttentionMap} map
 * @param {number} q
 * @param {number} k
 */
export function softmaxParts(map, q, k) {
  const weights = row(map.weights, q);
  const [top] = strongest(weights, 1);
  const logit = (/** @type {number} */ j) => at(/** @type {Matrix} */ (map.scaled), q, j) + (map.bias ? at(map.bias, q, j) : 0);
  return { logit: logit(k), peak: logit(top), exp: weights[k] / weights[top], total: 1 / weights[top], weight: weights[k] };
}

/** @type {Record<Stage, (scene: Scene) => HTMLElement[]>} */
export const stages = {
  query: (scene) => [ofQuery(scene)],
  keys: (scene) => [ofQuery(scene), ofKey(scene)],
  scores(scene) {
    const { map, q, k } = scene;
    if (isOutside(map, q, k)) return [];
    const sum = formula(role("query", "q"), " · ", role("key", "k"), " = ", number(value(map.scores, q, k)));
    return map.query && map.key ? [sum, terms(scene)] : [sum];
  },
  scale({ map, q, k }) {
    if (isOutside(map, q, k)) return [];
    const result = number(value(map.scaled, q, k));
    const lines = [];
    if (map.scores && map.divisor !== null && map.divisor !== 1) {
      const score = () => number(value(map.scores, q, k));
      const root = byRoot(map) ? [score(), ` ÷ √${map.dims.length} = `] : [];
      lines.push(formula(...root, score(), " ÷ ", number(map.divisor), " = ", result));
    } else lines.push(formula(result));
    if (map.bias) {
      const { logit } = softmaxParts(map, q, k);
      lines.push(formula(number(value(map.scaled, q, k)), ...added(at(map.bias, q, k)), " = ", number(logit)));
    }
    return lines;
  },
  softmax({ map, q, k }) {
    const weight = () => number(at(map.weights, q, k), 4, "vx-w");
    if (isOutside(map, q, k) || isLeftOut(map, q, k)) return [formula(`${strings.weight} `, weight())];
    const { logit, peak, exp, total } = softmaxParts(map, q, k);
    return [
      formula(html("span", {}, "e", html("sup", {}, number(logit), ...taken(peak))), " = ", number(exp)),
      formula(number(exp), " ÷ ", number(total), " = ", weight()),
    ];
  },
  values({ map, q, k, name, isOpen }) {
    const weight = at(map.weights, q, k);
    const of = row(/** @type {Matrix} */ (map.value), k);
    const weighted = of.map((v) => weight * v);
    return [
      vector(say.vector.value(name(k)), map.valueDims, of, "value", isOpen),
      vector(say.vector.weighted(fixed(weight), name(k)), map.valueDims, weighted, "weight", isOpen),
    ];
  },
  output(scene) {
    const { map, q, name, isOpen } = scene;
    const sum = vector(say.vector.output(name(q)), map.valueDims, row(/** @type {Matrix} */ (map.output), q), "value", isOpen);
    return map.value ? [sum, contributions(scene)] : [sum];
  },
};

/** @param {Matrix | null} matrix @param {number} q @param {number} k */
function value(matrix, q, k) {
  return at(/** @type {Matrix} */ (matrix), q, k);
}

/** @param {Scene} scene */
function ofQuery({ map, q, name, isOpen }) {
  return vector(say.vector.query(name(q)), map.dims, row(/** @type {Matrix} */ (map.query), q), "query", isOpen);
}

/** @param {Scene} scene */
function ofKey({ map, k, name, isOpen }) {
  return vector(say.vector.key(name(k)), map.dims, row(/** @type {Matrix} */ (map.key), k), "key", isOpen);
}

/** The terms of a dot product, and their sum as the data has it. @param {Scene} scene */
function terms({ map, q, k, isOpen }) {
  const content = () => {
    const [query, key] = [row(/** @type {Matrix} */ (map.query), q), row(/** @type {Matrix} */ (map.key), k)];
    const lines = map.dims.map((dim, i) =>
      html(
        "tr",
        { "data-dim": `k${i}` },
        html("th", { scope: "row" }, dim),
        html("td", { class: "vx-q" }, number(query[i])),
        html("td", { class: "vx-k" }, number(key[i])),
        html("td", {}, number(query[i] * key[i])),
      ),
    );
    const total = html("td", {}, number(value(map.scores, q, k)));
    const sum = html("tr", { class: "vx-sum" }, html("th", { scope: "row", colspan: 3 }, say.sum), total);
    return table([say.dim, "q", "k", say.product], lines, sum);
  };
  return foldout("terms", say.open, content, isOpen);
}

/** What each token adds to the output, the strongest first. @param {Scene} scene */
function contributions({ map, q, name, isOpen }) {
  const all = map.weights.cols;
  const few = all <= MOST_ROWS * 2;
  const content = () => {
    const weights = row(map.weights, q);
    const shown = strongest(weights, few ? all : MOST_ROWS).filter((j) => !isLeftOut(map, q, j));
    const lines = shown.map((j) =>
      html(
        "tr",
        { "data-token": j },
        html("th", { scope: "row" }, name(j)),
        html("td", { class: "vx-w" }, number(weights[j])),
        ...Array.from(row(/** @type {Matrix} */ (map.value), j), (v, i) => html("td", { "data-dim": `v${i}` }, number(weights[j] * v))),
      ),
    );
    const sum = html(
      "tr",
      { class: "vx-sum" },
      html("th", { scope: "row", colspan: 2 }, few ? say.sum : say.sumOfAll(all)),
      ...Array.from(row(/** @type {Matrix} */ (map.output), q), (v, i) => html("td", { "data-dim": `v${i}` }, number(v))),
    );
    return table([strings.token, strings.weight, ...map.valueDims], lines, sum);
  };
  return foldout("contributions", few ? say.contributions : say.strongest(MOST_ROWS), content, isOpen);
}

/** @param {string[]} names @param {HTMLElement[]} lines @param {HTMLElement} last */
function table(names, lines, last) {
  const head = html("tr", {}, ...names.map((name) => html("th", { scope: "col" }, name)));
  return html("table", { class: "vx-table" }, html("thead", {}, head), html("tbody", {}, ...lines, last));
}

/** @param {...(Node | string)} parts */
function formula(...parts) {
  return html("p", { class: "vx-formula" }, ...parts);
}

/** @param {"query" | "key"} kind @param {string} text */
function role(kind, text) {
  return html("b", { class: kind === "query" ? "vx-q" : "vx-k" }, text);
}

/** A number with the sign that adds it to what stands before. @param {number} x */
function added(x) {
  return [x < 0 ? " − " : " + ", number(Math.abs(x))];
}

/** A number with the sign that takes it from what stands before. @param {number} x */
function taken(x) {
  return [x < 0 ? " + " : " − ", number(Math.abs(x))];
}

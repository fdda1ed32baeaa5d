// What each stage of the calculation shows for the chosen query and key. All numbers come
// from the data but the products that are listed as terms.

import { at, row, strongest } from "./data.js";
import { fixed, html, number } from "./dom.js";
import { strings } from "./strings.js";
import { vector } from "./vectors.js";

/** @import { AttentionMap } from "./types.js" */

/** Everything a stage may need. @typedef {{map: AttentionMap, q: number, k: number, name: (i: number) => string}} Scene */

const say = strings.steps;

/** @type {Record<import("./store.js").Stage, (scene: Scene) => HTMLElement[]>} */
export const stages = {
  query: (scene) => [ofQuery(scene)],
  keys: (scene) => [ofQuery(scene), ofKey(scene)],
  scores: (scene) => {
    const { map, q, k } = scene;
    return [formula(role("query", "q"), " · ", role("key", "k"), " = ", number(at(map.scores, q, k))), terms(scene)];
  },
  scale: ({ map, q, k }) => [
    formula(
      number(at(map.scores, q, k)),
      ` ÷ √${map.dims.length} = `,
      number(at(map.scores, q, k)),
      " ÷ ",
      number(map.divisor),
      " = ",
      number(at(map.scaled, q, k)),
    ),
  ],
  softmax: ({ map, q, k }) => [
    formula(
      html("span", {}, "e", html("sup", {}, number(at(map.scaled, q, k)), minus(map.peaks[q]), number(Math.abs(map.peaks[q])))),
      " = ",
      number(at(map.exps, q, k)),
    ),
    formula(number(at(map.exps, q, k)), " ÷ ", number(map.totals[q]), " = ", number(at(map.weights, q, k), 4, "vx-w")),
  ],
  values: (scene) => {
    const { map, q, k, name } = scene;
    const weight = at(map.weights, q, k);
    const value = row(map.value, k);
    return [
      vector(say.vector.value(name(k)), map.valueDims, value, "value"),
      vector(`${fixed(weight)} × ${say.vector.value(name(k))}`, map.valueDims, value.map((v) => weight * v), "weight"),
    ];
  },
  output: (scene) => {
    const { map, q, name } = scene;
    return [vector(say.vector.output(name(q)), map.valueDims, row(map.output, q), "value"), contributions(scene)];
  },
};

/** The number that the list of keys shows at a stage. @type {Partial<Record<import("./store.js").Stage, "scores" | "scaled" | "weights">>} */
export const listed = {
  scores: "scores",
  scale: "scaled",
  softmax: "weights",
  values: "weights",
  output: "weights",
};

/** @param {Scene} scene */
function ofQuery({ map, q, name }) {
  return vector(say.vector.query(name(q)), map.dims, row(map.query, q), "query");
}

/** @param {Scene} scene */
function ofKey({ map, k, name }) {
  return vector(say.vector.key(name(k)), map.dims, row(map.key, k), "key");
}

/** The terms of a dot product, and their sum as the data has it. @param {Scene} scene */
function terms({ map, q, k }) {
  const [query, key] = [row(map.query, q), row(map.key, k)];
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
  const sum = html(
    "tr",
    { class: "vx-sum" },
    html("th", { scope: "row", colspan: 3 }, say.sum),
    html("td", {}, number(at(map.scores, q, k))),
  );
  return opened("terms", say.open, table([say.dim, "q", "k", say.product], lines, sum));
}

/** What each token adds to the output, the strongest first. @param {Scene} scene */
function contributions({ map, q, name }) {
  const weights = row(map.weights, q);
  const lines = strongest(weights).map((j) =>
    html(
      "tr",
      { "data-token": j },
      html("th", { scope: "row" }, name(j)),
      html("td", { class: "vx-w" }, number(weights[j])),
      ...Array.from(row(map.value, j), (v, i) => html("td", { "data-dim": `v${i}` }, number(weights[j] * v))),
    ),
  );
  const sum = html(
    "tr",
    { class: "vx-sum" },
    html("th", { scope: "row", colspan: 2 }, say.sum),
    ...Array.from(row(map.output, q), (v, i) => html("td", { "data-dim": `v${i}` }, number(v))),
  );
  return opened("contributions", say.contributions, table([strings.token, strings.weight, ...map.valueDims], lines, sum));
}

/** @param {string} kind @param {string} summary @param {HTMLElement} content */
function opened(kind, summary, content) {
  const scroll = html("div", { class: "vx-scroll", tabindex: 0, role: "region", "aria-label": summary }, content);
  return html("details", { class: "vx-more", "data-kind": kind }, html("summary", {}, summary), scroll);
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

/** The sign to write before the size of what is taken away. @param {number} x */
function minus(x) {
  return x < 0 ? " + " : " − ";
}

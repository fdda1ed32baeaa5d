// The panel that takes a number apart: its place, its formula with the numbers in it, its parts.

import { button, fixed, html, number } from "@vitexplain/explorer/dom.js";
import { svg } from "@vitexplain/explorer/dom.js";
import { strings } from "../../strings/machine.js";
import { below } from "./terms.js";

/** @import { Cell, Made, Term } from "./terms.js" */

const SHOWN = 7; // products
const REACH = 4; // of the curve, to both sides

/** Text with its numbers rounded. @param {Record<string, number>} named */
function rounded(named) {
  return Object.fromEntries(Object.entries(named).map(([name, x]) => [name, fixed(x, Number.isInteger(Math.round(x * 1e6) / 1e6) ? 0 : 4)]));
}

/**
 * @param {Made} made
 * @param {(cell: Cell) => string} called a place in words
 * @param {(cell: Cell) => void} go
 */
export function formula(made, called, go) {
  const { stage: { kind }, value, terms, bias, factor, named } = made;
  const say = strings.formula;
  const [first] = terms;
  const named2 = rounded(kind === "pixel" ? { ...named, byte: Math.round(named.byte * 100) / 100 } : named);
  const source = (/** @type {Cell | undefined} */ cell, /** @type {number} */ x) =>
    cell ? link(number(x, 4), called(cell), () => go(cell)) : number(x, 4);
  const equals = (/** @type {string} */ text, note = "") => [
    html("p", { class: "vxl-machine-equation" }, `${text} = `, html("strong", {}, fixed(value))),
    ...(note ? [html("p", { class: "vxl-note" }, note)] : []),
  ];
  const x = first ? fixed(first.a) : "";
  const from = first?.at ? [html("p", {}, link(document.createTextNode(called(first.at)), "", () => go(/** @type {Cell} */ (first.at))))] : [];
  if (kind === "pixel") return equals(say.pixel(named2));
  if (kind === "norm") return [...equals(say.norm({ ...named2, x }), say.normNote), ...from];
  if (kind === "scale") return [...equals(say.scale({ ...named2, x })), ...from];
  if (kind === "softmax" || kind === "sure") return [...equals(say.softmax(named2), say.softmaxNote), bars(made)];
  if (kind === "gelu") return [...equals(say.gelu({ x, share: fixed(below(first.a)) }), say.geluNote), curve(first.a), ...from];
  if (kind === "join" || kind === "read") return [...equals(x, say.same), ...from];
  if (terms.some(({ b }) => Number.isNaN(b))) return [html("p", { class: "vxl-note", role: "status" }, say.waiting)];
  const sorted = [...terms].sort((p, q) => Math.abs(worth(q)) - Math.abs(worth(p)));
  const shown = sorted.slice(0, SHOWN);
  const rest = sorted.slice(SHOWN);
  const most = Math.max(...sorted.map((one) => Math.abs(worth(one))), 1e-9);
  const product = terms.some(({ b }) => b !== undefined);
  const row = (/** @type {Array<Node | string>} */ parts, /** @type {number} */ sum, name = "") =>
    html("tr", name ? { class: name } : {}, html("td", {}, ...parts), html("td", { class: "vxl-machine-sum" }, number(sum, 4), bar(sum / most)));
  const lines = shown.map((one) => row([source(one.at, one.a), ...(one.b === undefined ? [] : [" × ", source(one.by, one.b)])], worth(one)));
  if (rest.length) lines.push(row([say.rest(rest.length)], rest.reduce((sum, one) => sum + worth(one), 0)));
  if (bias !== undefined) lines.push(row([say.bias], bias));
  if (factor === 0) lines.push(row([say.off], 0));
  lines.push(row([html("strong", {}, say.sum)], value, "vxl-machine-total"));
  const caption = product ? say.largest(shown.length, terms.length) : say.title;
  return [html("table", { class: "vxl-machine-terms" }, html("caption", {}, caption), html("tbody", {}, ...lines))];
}

/** @param {Term} term */
function worth({ a, b = 1 }) {
  return a * b;
}

/** A number or a name that leads somewhere. @param {Node} inner @param {string} title @param {() => void} act */
function link(inner, title, act) {
  const made = button("vxl-machine-link", "", act);
  made.append(inner);
  if (title) made.title = title;
  return made;
}

/** @param {number} share −1 to 1 */
function bar(share) {
  const made = html("span", { class: `vxl-machine-bar${share < 0 ? " vxl-machine-minus" : ""}`, "aria-hidden": "true" });
  made.style.setProperty("--share", String(Math.min(1, Math.abs(share))));
  return made;
}

/** The row's powers; this one's is dark. @param {Made} made */
function bars({ terms, named, cell }) {
  const [wide, high] = [260, 54];
  const each = wide / terms.length;
  const drawn = terms.map(({ a }, i) => {
    const tall = Math.max(0.5, Math.exp(a - named.most) * high);
    return svg("rect", { x: i * each, y: high - tall, width: Math.max(0.5, each - 0.5), height: tall, class: i === cell.col ? "vxl-machine-this" : "vxl-machine-other" });
  });
  return svg("svg", { viewBox: `0 0 ${wide} ${high}`, class: "vxl-machine-chart", "aria-hidden": "true" }, ...drawn);
}

/** GELU with this number on it. @param {number} x */
function curve(x) {
  const [wide, high] = [260, 90];
  const px = (/** @type {number} */ at) => ((at + REACH) / (2 * REACH)) * wide;
  const py = (/** @type {number} */ at) => high - 14 - (at / REACH) * (high - 24);
  const points = Array.from({ length: 81 }, (_, i) => (i / 40 - 1) * REACH).map((at) => `${px(at).toFixed(1)},${py(at * below(at)).toFixed(1)}`);
  const here = Math.max(-REACH, Math.min(REACH, x));
  return svg(
    "svg", { viewBox: `0 0 ${wide} ${high}`, class: "vxl-machine-chart", "aria-hidden": "true" },
    svg("path", { d: `M0 ${py(0)}H${wide}M${px(0)} 0V${high}`, class: "vxl-machine-axis" }),
    svg("polyline", { points: points.join(" "), class: "vxl-machine-curve" }),
    svg("circle", { cx: px(here), cy: py(here * below(here)), r: 5, class: "vxl-machine-this" }),
  );
}

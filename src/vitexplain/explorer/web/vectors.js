// A vector on screen: its numbers under their names, or bars where there are many.

import { html, number, svg } from "./dom.js";
import { strings } from "./strings/explorer.js";

// More numbers than these are bars, with the numbers in a foldout: fewer where they have no names.
const MOST = { named: 24, numbered: 8 };

/**
 * @param {string} caption
 * @param {string[]} dims
 * @param {ArrayLike<number>} values
 * @param {"query" | "key" | "value" | "weight"} role whose colour it has
 * @param {(kind: string) => boolean} [isOpen] whether the reader opened a foldout
 */
export function vector(caption, dims, values, role, isOpen = () => false) {
  const kind = role === "query" || role === "key" ? "k" : "v";
  const list = () => components(dims, values, kind);
  const numbered = dims.every((dim, i) => dim === String(i + 1));
  const content =
    values.length <= MOST[numbered ? "numbered" : "named"]
      ? [list()]
      : [bars(values, largest(values), kind), foldout(role, strings.steps.numbers(values.length), list, isOpen)];
  return html("figure", { class: `vx-vector vx-of-${role}` }, html("figcaption", {}, caption), ...content);
}

/**
 * @param {string[]} dims
 * @param {ArrayLike<number>} values
 * @param {string} kind
 */
function components(dims, values, kind) {
  const most = largest(values);
  const cells = dims.map((dim, i) =>
    html(
      "div",
      { class: "vx-component", "data-dim": `${kind}${i}`, style: `--share: ${Math.abs(values[i]) / most}` },
      html("dt", { title: dim }, dim),
      html("dd", {}, number(values[i])),
    ),
  );
  return html("dl", {}, ...cells);
}

/**
 * Something to open; what is inside is made when it is open.
 * @param {string} kind
 * @param {string} summary
 * @param {() => HTMLElement} content
 * @param {(kind: string) => boolean} isOpen
 */
export function foldout(kind, summary, content, isOpen) {
  const scroll = html("div", { class: "vx-scroll", tabindex: 0, role: "region", "aria-label": summary });
  const open = isOpen(kind);
  if (open) scroll.append(content());
  return html("details", { class: "vx-more", "data-kind": kind, open }, html("summary", {}, summary), scroll);
}

/**
 * Bars up for positive numbers, down for negative ones, one shape for all.
 * @param {ArrayLike<number>} values
 * @param {number} most what a full bar is
 */
export function strip(values, most) {
  const d = Array.from(values, (value, i) => `M${i + 0.12} 10v${((-value / most) * 10).toFixed(2)}h.76V10z`).join("");
  return frame(values.length, svg("path", { d }));
}

/**
 * The same, each bar on its own: it lights up with what belongs to it.
 * @param {ArrayLike<number>} values
 * @param {number} most
 * @param {string} kind
 */
function bars(values, most, kind) {
  const shapes = Array.from(values, (value, i) => {
    const height = (Math.abs(value) / most) * 10;
    const at = { x: i + 0.12, width: 0.76, y: value < 0 ? 10 : 10 - height, height };
    return svg("rect", { ...at, class: "vx-bar", "data-dim": `${kind}${i}` });
  });
  const element = frame(values.length, ...shapes);
  element.classList.add("vx-wide");
  return element;
}

/** @param {number} n @param {...SVGElement} shapes */
function frame(n, ...shapes) {
  const line = svg("path", { d: `M 0 10 H ${n}`, class: "vx-zero" });
  return svg(
    "svg",
    { class: "vx-strip", viewBox: `0 0 ${n} 20`, preserveAspectRatio: "none", "aria-hidden": "true" },
    ...shapes,
    line,
  );
}

/** The largest size of a list's numbers, 1 if they are all 0; what is not finite does not count. @param {ArrayLike<number>} values */
export function largest(values) {
  let most = 0;
  for (let i = 0; i < values.length; i++) {
    const size = Math.abs(values[i]);
    if (size > most && size < Infinity) most = size;
  }
  return most || 1;
}

// A vector on screen: its numbers under their names, or a small strip of bars.

import { html, number, svg } from "./dom.js";

/**
 * @param {string} caption
 * @param {string[]} dims
 * @param {ArrayLike<number>} values
 * @param {"query" | "key" | "value" | "weight"} role whose colour it has
 */
export function vector(caption, dims, values, role) {
  const kind = role === "query" || role === "key" ? "k" : "v";
  const most = largest(values);
  const cells = dims.map((dim, i) => {
    const cell = html(
      "div",
      { class: "vx-component", "data-dim": `${kind}${i}` },
      html("dt", { title: dim }, dim),
      html("dd", {}, number(values[i])),
    );
    cell.style.setProperty("--share", String(Math.abs(values[i]) / most));
    return cell;
  });
  return html(
    "figure",
    { class: `vx-vector vx-of-${role}` },
    html("figcaption", {}, caption),
    html("dl", {}, ...cells),
  );
}

/**
 * Bars up for positive numbers, down for negative ones.
 * @param {ArrayLike<number>} values
 * @param {number} most what a full bar is
 */
export function strip(values, most) {
  const n = values.length;
  const bars = Array.from(values, (value, i) => {
    const height = (Math.abs(value) / most) * 10;
    return svg("rect", { x: i + 0.12, width: 0.76, y: value < 0 ? 10 : 10 - height, height });
  });
  const line = svg("path", { d: `M 0 10 H ${n}`, class: "vx-zero" });
  return svg(
    "svg",
    { class: "vx-strip", viewBox: `0 0 ${n} 20`, preserveAspectRatio: "none", "aria-hidden": "true" },
    ...bars,
    line,
  );
}

/** The largest size of a list's numbers, 1 if they are all 0. @param {ArrayLike<number>} values */
export function largest(values) {
  let most = 0;
  for (let i = 0; i < values.length; i++) most = Math.max(most, Math.abs(values[i]));
  return most || 1;
}

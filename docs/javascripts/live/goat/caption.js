// What the plane shows, in words: its marks, and what becomes of the word that asks.

import { row, strongest } from "@vitexplain/explorer/data.js";
import { fixed, html, svg } from "@vitexplain/explorer/dom.js";
import { strings } from "../../strings/goat.js";

/** @import { AttentionMap, Matrix } from "@vitexplain/explorer/types.js" */

const NAMED = 3; // words that are named
const LEAST = 0.0005; // of a weight that is

/** Whom a word listens to and what it becomes. @param {AttentionMap} map @param {string[]} labels @param {number} query */
export function told({ weights, output }, labels, query) {
  const shares = row(weights, query);
  const named = strongest(shares, NAMED).filter((j) => shares[j] >= LEAST).map((j) => strings.weighed(labels[j], fixed(shares[j])));
  const last = named.pop() ?? "";
  const list = named.length ? [named.join(", "), last].join(strings.and) : last;
  const becomes = [...row(/** @type {Matrix} */ (output), query)].map((x) => fixed(x)).join(", ");
  return strings.becomes(labels[query], list, becomes);
}

/** What the marks of the plane mean. */
export function legend() {
  const line = (/** @type {string} */ mark, /** @type {number} */ r, /** @type {string} */ text) => {
    const circle = svg("circle", { class: mark, r });
    return html("li", {}, svg("svg", { viewBox: "-9 -9 18 18", width: 18, height: 18, "aria-hidden": "true" }, circle), text);
  };
  const { word, query, output, weight } = strings.legend;
  return html(
    "ul",
    { class: "vxl-goat-legend" },
    line("vxl-goat-dot", 6, word),
    line("vxl-goat-dot vxl-goat-asks", 6, query),
    line("vxl-goat-output", 7, output),
    line("vxl-goat-halo", 8.5, weight),
  );
}

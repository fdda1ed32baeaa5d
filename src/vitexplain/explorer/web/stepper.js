// Four buttons for fingers, where patches are smaller than a fingertip.

import { button, html, svg } from "./dom.js";
import { strings } from "./strings/board.js";

const DIRECTIONS = /** @type {const} */ (["left", "up", "down", "right"]);
const WAYS = /** @type {const} */ ({ left: [-1, 0], up: [0, -1], down: [0, 1], right: [1, 0] });
const POINTS = { left: "M7 1 2 5l5 4", up: "M1 7l4-5 4 5", down: "M1 3l4 5 4-5", right: "M3 1l5 4-5 4" };

/** @param {(way: readonly [number, number]) => void} go takes the way of the arrow key that would do the same */
export function stepper(go) {
  const buttons = DIRECTIONS.map((way) => {
    const made = button("vx-nudge", "", () => go(WAYS[way]));
    made.setAttribute("aria-label", strings.step[way]);
    made.append(svg("svg", { viewBox: "0 0 10 10", "aria-hidden": "true" }, svg("path", { d: POINTS[way] })));
    return made;
  });
  return html("div", { class: "vx-stepper", role: "group", "aria-label": strings.stepper }, ...buttons);
}

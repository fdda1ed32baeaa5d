// The part of the plane that is seen: where it begins, how far it goes, and its ticks.

/** @import { Place } from "./sheet.js" */

/** A square part of the plane. @typedef {{x: number, y: number, span: number}} View */

const USUAL = /** @type {const} */ ([-3, 7]); // along both axes; the lecture's words lie well within
const ROOM = 0.08; // of the span, around what lies outside of that
const TICKS = 6; // at most about twice as many

/** The usual part, or as much more as the places need. @param {Place[]} places @returns {View} */
export function viewOf(places) {
  const [x, y] = [0, 1].map((axis) => {
    const all = places.map((place) => place[axis]).filter(Number.isFinite);
    const [low, high] = [Math.min(...all), Math.max(...all)];
    const room = ROOM * (Math.max(high, USUAL[1]) - Math.min(low, USUAL[0]));
    return [low < USUAL[0] ? low - room : USUAL[0], high > USUAL[1] ? high + room : USUAL[1]];
  });
  const span = Math.max(x[1] - x[0], y[1] - y[0]);
  const begin = (/** @type {number[]} */ [low, high]) => low - (span - (high - low)) / 2;
  return { x: begin(x), y: begin(y), span };
}

/** Whether a view shows all places. @param {View} view @param {Place[]} places */
export function shows({ x, y, span }, places) {
  return places.every(([px, py]) => px >= x && px <= x + span && py >= y && py <= y + span);
}

/** Round numbers from `low` on. @param {number} low @param {number} span */
export function ticks(low, span) {
  const rough = span / (2 * TICKS);
  const ten = 10 ** Math.floor(Math.log10(rough));
  const step = ten * ([1, 2, 5, 10].find((by) => by * ten >= rough) ?? 1);
  const first = Math.ceil(low / step);
  const count = Math.floor((low + span) / step) - first + 1;
  return Array.from({ length: count }, (_, i) => (first + i) * step);
}

/** Decimals that a drag can tell apart. @param {number} perPixel numbers a pixel */
export function decimalsOf(perPixel) {
  return Math.max(0, Math.ceil(-Math.log10(perPixel)));
}

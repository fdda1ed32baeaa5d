// Where the names of points go, so that none covers another.

/** @typedef {{x: number, y: number, width: number, height: number}} Box */
/** @typedef {{x: number, y: number, anchor: "start" | "middle" | "end"}} Spot from the point to the text's base line */
/** A point with its name; `was` is the spot it had. @typedef {{x: number, y: number, width: number, was: number}} Named */

const HEIGHT = 16;
const ASCENT = 12;

/** @type {Spot[]} */
export const SPOTS = [
  { x: 12, y: 5, anchor: "start" },
  { x: -12, y: 5, anchor: "end" },
  { x: 0, y: -14, anchor: "middle" },
  { x: 0, y: 24, anchor: "middle" },
  { x: 9, y: -9, anchor: "start" },
  { x: -9, y: -9, anchor: "end" },
  { x: 9, y: 19, anchor: "start" },
  { x: -9, y: 19, anchor: "end" },
  { x: 0, y: -30, anchor: "middle" },
  { x: 0, y: 40, anchor: "middle" },
];
const COST = { outside: 20, order: 6, moved: 40 }; // in square pixels, beside what is covered

/**
 * For each point the number of its spot.
 * @param {Named[]} points those that come first choose first
 * @param {Box[]} marks what names should not cover
 * @param {{width: number, height: number}} room
 */
export function placeLabels(points, marks, room) {
  const taken = [...marks];
  return points.map((point) => {
    let best = 0;
    let least = Infinity;
    SPOTS.forEach((_, i) => {
      const box = boxOf(point, i);
      const covered = taken.reduce((sum, other) => sum + overlap(box, other), 0);
      const inside = overlap(box, { x: 0, y: 0, ...room });
      const outside = box.width * box.height - inside;
      const cost = covered + COST.outside * outside + COST.order * i + (i === point.was || point.was < 0 ? 0 : COST.moved);
      if (cost < least) [best, least] = [i, cost];
    });
    taken.push(boxOf(point, best));
    return best;
  });
}

/** @param {Named} point @param {number} i @returns {Box} */
function boxOf({ x, y, width }, i) {
  const spot = SPOTS[i];
  const left = { start: 0, middle: width / 2, end: width }[spot.anchor];
  return { x: x + spot.x - left, y: y + spot.y - ASCENT, width, height: HEIGHT };
}

/** @param {Box} a @param {Box} b */
function overlap(a, b) {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  return Math.max(0, width) * Math.max(0, height);
}

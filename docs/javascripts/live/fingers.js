// Pointers on a surface that is moved and zoomed: one drags, two pinch, one that stays is a tap.

import { perFrame } from "@vitexplain/explorer/drag.js";

const STILL = 6; // pixels that a tap may move

/** @typedef {{x: number, y: number}} Point */

/**
 * Tells of each in pixels of the element, at most once a frame.
 * @param {HTMLElement} area
 * @param {object} on
 * @param {(dx: number, dy: number) => void} on.shift
 * @param {(factor: number, x: number, y: number) => void} on.zoom
 * @param {(x: number, y: number) => void} [on.tap]
 */
export function fingers(area, { shift, zoom, tap }) {
  /** Those that are down. @type {Map<number, Point & {from: Point}>} */
  const down = new Map();
  const follow = perFrame((/** @type {() => void} */ act) => act());
  let waiting = { dx: 0, dy: 0, factor: 1, x: 0, y: 0 };
  let still = false;
  area.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    const { clientX: x, clientY: y } = event;
    still = down.size === 0;
    down.set(event.pointerId, { x, y, from: { x, y } });
    if (event.pointerType === "mouse") area.setPointerCapture(event.pointerId);
  });
  area.addEventListener("pointermove", (event) => {
    const was = down.get(event.pointerId);
    if (!was || down.size > 2) return;
    const now = { x: event.clientX, y: event.clientY };
    still &&= apart(now, was.from) < STILL;
    if (still && tap) return;
    const { left, top } = area.getBoundingClientRect();
    const other = [...down].find(([id]) => id !== event.pointerId)?.[1];
    waiting.dx += (now.x - was.x) / down.size;
    waiting.dy += (now.y - was.y) / down.size;
    if (other) {
      waiting.factor *= apart(now, other) / Math.max(1, apart(was, other));
      [waiting.x, waiting.y] = [(now.x + other.x) / 2 - left, (now.y + other.y) / 2 - top];
    }
    down.set(event.pointerId, { ...now, from: was.from });
    follow(() => {
      const { dx, dy, factor, x, y } = waiting;
      waiting = { dx: 0, dy: 0, factor: 1, x: 0, y: 0 };
      if (factor !== 1) zoom(factor, x, y);
      shift(dx, dy);
    });
  });
  for (const kind of /** @type {const} */ (["pointerup", "pointercancel", "lostpointercapture"])) {
    area.addEventListener(kind, ({ pointerId, clientX, clientY }) => {
      const { left, top } = area.getBoundingClientRect();
      if (down.delete(pointerId) && still && kind === "pointerup") tap?.(clientX - left, clientY - top);
    });
  }
}

/** @param {Point} a @param {Point} b */
function apart(a, b) {
  return Math.hypot(a.x - b.x, a.y - b.y);
}

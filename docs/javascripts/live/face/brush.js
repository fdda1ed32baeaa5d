// The brush: dragged, or moved by the arrow keys and pressed down with Space.

import { strings } from "../../strings/face.js";

/** @import { Studio } from "./studio.js" */
/** @import { Surface } from "./hands.js" */

/** @param {Studio} studio @param {Surface} surface */
export function brush(studio, { ring, focus, say }) {
  const { width, height, shape } = studio.picture;
  /** The middle of a pixel, where the keys have the brush. @type {[number, number]} */
  let at = [Math.floor(width / 2), Math.floor(shape.patch / 2)];
  let down = false;
  let pressed = false; // by Space
  let shown = false;

  /** @param {number} x @param {number} y */
  function paint(x, y) {
    studio.stroke(studio.picture.painted(at, [x, y], studio.radius, studio.colour));
    at = [x, y];
  }

  function end() {
    if (down || pressed) studio.endStroke(strings.did.paint);
    down = pressed = false;
  }

  function show() {
    ring.hidden = !shown || studio.tool !== "paint";
    ring.style.left = `${(100 * (at[0] + 0.5)) / width}%`;
    ring.style.top = `${(100 * (at[1] + 0.5)) / height}%`;
    ring.style.width = `${(100 * (2 * studio.radius + 1)) / width}%`;
  }

  return {
    /** @param {number} x @param {number} y */
    down(x, y) {
      down = true;
      shown = true;
      at = [x - 0.5, y - 0.5];
      paint(...at);
      show();
    },
    /** @param {number} x @param {number} y @param {boolean} held */
    move(x, y, held) {
      shown = true;
      if (!held) at = [x - 0.5, y - 0.5];
      else if (down) paint(x - 0.5, y - 0.5);
      show();
    },
    /** @param {number} x @param {number} y */
    up(x, y) {
      if (down) paint(x - 0.5, y - 0.5);
      end();
    },
    cancel: end,
    leave() {
      shown = false;
      show();
    },
    /** @param {KeyboardEvent} event */
    key({ key, shiftKey, repeat }) {
      const step = shiftKey ? shape.patch : 1;
      /** @type {Record<string, [number, number]>} */
      const moves = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] };
      if (key in moves) {
        const [x, y] = [Math.round(at[0]), Math.round(at[1])];
        const [right, below] = moves[key];
        const to = /** @type {[number, number]} */ ([between(x + right, width), between(y + below, height)]);
        if (pressed) paint(...to);
        at = to;
        focus(/** @type {number} */ (studio.picture.placeAt(...to)));
        if (!pressed) say(strings.brushAt(to[0] + 1, to[1] + 1));
      } else if (key === " " || key === "Enter") {
        if (repeat) return true;
        paint(...at);
        if (key === " ") pressed = true;
        else studio.endStroke(strings.did.paint);
      } else return false;
      shown = true;
      show();
      return true;
    },
    /** @param {KeyboardEvent | null} event null when the focus leaves */
    keyUp(event) {
      if (pressed && (event === null || event.key === " ")) end();
    },
    update: show,
  };
}

/** @param {number} x @param {number} most */
function between(x, most) {
  return Math.max(0, Math.min(x, most - 1));
}

// The brush: dragged, or moved by the arrow keys and pressed down with Space.

import { arrowOf } from "@vitexplain/explorer/roving.js";
import { strings } from "../../strings/face.js";

/** @import { Surface } from "./editor.js" */
/** @import { Studio } from "./studio.js" */

/** @param {Studio} studio @param {Surface} surface */
export function brush(studio, { ring, focus, say }) {
  const { width, height, shape } = studio.picture;
  /** The middle of a pixel, where the keys have the brush. @type {[number, number]} */
  let at = [Math.floor(width / 2), Math.floor(shape.patch / 2)];
  let pressed = false; // by Space
  let shown = false;

  /** @param {number} x @param {number} y */
  function paint(x, y) {
    studio.stroke(studio.picture.painted(at, [x, y], studio.radius, studio.colour));
    at = [x, y];
  }

  function end() {
    pressed = false;
    studio.settle(strings.did.paint);
  }

  function update() {
    ring.hidden = !shown || studio.state.tool !== "paint";
    ring.style.left = `${(100 * (at[0] + 0.5)) / width}%`;
    ring.style.top = `${(100 * (at[1] + 0.5)) / height}%`;
    ring.style.width = `${(100 * (2 * studio.radius + 1)) / width}%`;
  }

  /** @param {boolean} now */
  function show(now) {
    shown = now;
    update();
  }

  return {
    /** @param {number} x @param {number} y */
    down(x, y) {
      at = [x - 0.5, y - 0.5];
      paint(...at);
      show(true);
    },
    /** @param {number} x @param {number} y @param {boolean} held */
    move(x, y, held) {
      if (held) paint(x - 0.5, y - 0.5);
      else at = [x - 0.5, y - 0.5];
      show(true);
    },
    /** @param {number} x @param {number} y */
    up(x, y) {
      paint(x - 0.5, y - 0.5);
      end();
    },
    cancel: end,
    leave: () => show(false),
    /** @param {KeyboardEvent} event */
    key(event) {
      const way = arrowOf(event);
      if (way) {
        const step = event.shiftKey ? shape.patch : 1;
        const to = /** @type {[number, number]} */ ([width, height].map((most, i) => within(Math.round(at[i]) + way[i] * step, most)));
        if (pressed) paint(...to);
        at = to;
        focus(/** @type {number} */ (studio.picture.placeAt(...to)));
        if (!pressed) say(strings.brushAt(to[0] + 1, to[1] + 1));
      } else if (event.key === " " || event.key === "Enter") {
        if (event.repeat) return true;
        paint(...at);
        pressed = event.key === " ";
        if (!pressed) end();
      } else return false;
      show(true);
      return true;
    },
    /** @param {KeyboardEvent | null} event null when the focus leaves */
    keyUp(event) {
      if (pressed && (event === null || event.key === " ")) end();
    },
    update,
  };
}

/** @param {number} x @param {number} count */
function within(x, count) {
  return Math.max(0, Math.min(x, count - 1));
}

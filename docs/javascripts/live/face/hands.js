// Taking a patch and putting it down: dragged, or chosen one after the other. Two patches change
// places (move), or a copy of the first lands on the second (stamp).

import { strings } from "../../strings/face.js";
import { tokensOf } from "./studio.js";

/** @import { Surface } from "./editor.js" */
/** @import { Studio } from "./studio.js" */

/** @param {Studio} studio @param {Surface} surface */
export function hands(studio, { cells, ghost, focus, say }) {
  /** @type {number | null} */ let taken = null; // and waiting for its place
  /** @type {number | null} */ let from = null; // under the pointer that is down
  let dragging = false;

  const name = (/** @type {number} */ place) => tokensOf(studio.picture, studio.face)[place].label;

  /** @param {number | null} to where it would land */
  function mark(to) {
    const source = dragging ? from : taken;
    cells.forEach((cell, place) => {
      cell.classList.toggle("vxl-face-from", place === source);
      cell.classList.toggle("vxl-face-to", to !== null && place === to && to !== source && source !== null);
    });
    ghost.hidden = !dragging;
  }

  /** @param {number} source @param {number} to */
  function put(source, to) {
    taken = null;
    const stamps = studio.state.tool === "stamp";
    const said = strings.did[stamps ? "stamp" : "move"](name(source), name(to));
    studio.edit(studio.picture[stamps ? "stamped" : "swapped"](source, to), said);
    mark(null);
  }

  /** Takes a patch, puts down the one that is held, or lets go of it. @param {number} place */
  function choose(place) {
    if (taken === null) {
      taken = place;
      say(strings.did.take(name(place)));
    } else if (taken === place) release();
    else put(taken, place);
    mark(null);
  }

  function release() {
    if (taken !== null) say(strings.did.letGo(name(taken)));
    taken = null;
    mark(null);
  }

  /** @param {number} x @param {number} y */
  function carry(x, y) {
    const { shape, width, height, pixels } = studio.picture;
    if (ghost.hidden && from !== null) {
      const { patch, cols } = shape;
      const whole = new ImageData(new Uint8ClampedArray(pixels), width, height);
      ghost.getContext("2d")?.putImageData(whole, -(from % cols) * patch, -Math.floor(from / cols) * patch);
    }
    ghost.style.left = `${(100 * x) / width}%`;
    ghost.style.top = `${(100 * y) / height}%`;
  }

  return {
    /** @param {number} x @param {number} y */
    down(x, y) {
      from = studio.picture.placeAt(x, y);
    },
    /** @param {number} x @param {number} y @param {boolean} held */
    move(x, y, held) {
      const place = studio.picture.placeAt(x, y);
      if (held && from !== null && place !== from && !dragging) {
        taken = null;
        dragging = true;
      }
      if (dragging) carry(x, y);
      mark(place);
    },
    /** @param {number} x @param {number} y */
    up(x, y) {
      const to = studio.picture.placeAt(x, y);
      const [source, was] = [from, dragging];
      from = null;
      dragging = false;
      if (!was && source !== null) choose(source);
      else if (source !== null && to !== null && to !== source) {
        put(source, to);
        focus(to);
      } else mark(null);
    },
    cancel() {
      from = null;
      dragging = false;
      mark(null);
    },
    leave: () => mark(null),
    /** @param {KeyboardEvent} event @param {number} place */
    key({ key }, place) {
      if (key === "Enter" || key === " ") choose(place);
      else if (key === "Escape" && taken !== null) release();
      else return false;
      return true;
    },
    /** @param {KeyboardEvent | null} _ */
    keyUp(_) {},
    mark,
    update() {
      if (studio.state.tool === "paint") taken = null;
      mark(null);
    },
  };
}

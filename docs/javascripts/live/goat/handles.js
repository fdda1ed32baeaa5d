// Words on the plane taken by a pointer or by keys.

import { perFrame } from "@vitexplain/explorer/drag.js";
import { arrowOf } from "@vitexplain/explorer/roving.js";
import { grip } from "../pointer.js";

/** @import { Acts } from "./plane.js" */
/** @import { Place } from "./sheet.js" */

const SLACK = 4; // pixels that a click may slip
const STEP = { fine: 0.1, coarse: 1 };
const REST = 700; // ms without a key until a walk has ended

/**
 * @typedef {object} Space
 * @property {(id: number) => Place} placeOf
 * @property {(at: Place) => Place} spotOf     in pixels of the picture
 * @property {(at: Place, dx: number, dy: number) => Place} shift
 */

/**
 * @param {SVGSVGElement} picture holds elements with a `data-word`
 * @param {Acts & Space} on
 */
export function handles(picture, { move, settle, ask, placeOf, spotOf, shift }) {
  /** @type {{id: number, x: number, y: number, at: Place, moving: boolean} | null} */
  let held = null;
  let timer = 0;

  const follow = perFrame((/** @type {{x: number, y: number}} */ to) => {
    if (held?.moving) move(held.id, shift(held.at, to.x - held.x, to.y - held.y), false);
  });

  const finger = grip(/** @type {SVGSVGElement & HTMLElement} */ (picture), {
    down(event) {
      const below = wordOf(event.target);
      if (below === null) return false;
      end();
      const id = nearestTo(event) ?? below;
      held = { id, x: event.clientX, y: event.clientY, at: placeOf(id), moving: false };
      focus(id);
    },
    move({ clientX: x, clientY: y }) {
      if (!held) return;
      held.moving ||= Math.hypot(x - held.x, y - held.y) > SLACK;
      picture.classList.toggle("vxl-goat-dragging", held.moving);
      if (held.moving) follow({ x, y });
    },
    up({ clientX, clientY }) {
      const drag = release();
      if (drag?.moving) move(drag.id, shift(drag.at, clientX - drag.x, clientY - drag.y), true);
      else if (drag) ask(drag.id);
    },
    cancel: putBack,
  });
  // `touch-action` does not reach into pictures everywhere; elsewhere on the plane the page scrolls.
  picture.addEventListener("touchstart", (event) => wordOf(event.target) !== null && event.preventDefault(), { passive: false });

  picture.addEventListener("keydown", (event) => {
    const id = wordOf(event.target);
    if (id === null || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "Escape" && held) return putBack();
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      return ask(id);
    }
    const way = arrowOf(event);
    if (!way || held) return;
    event.preventDefault();
    const size = event.shiftKey ? STEP.coarse : STEP.fine;
    const [x, y] = placeOf(id);
    move(id, [x + way[0] * size, y - way[1] * size], false);
    clearTimeout(timer);
    timer = window.setTimeout(end, REST);
  });
  picture.addEventListener("focusout", end);

  /** Keeps what a walk with the keys has come to. */
  function end() {
    if (!timer) return;
    clearTimeout(timer);
    timer = 0;
    settle();
  }

  function putBack() {
    const drag = release();
    if (drag?.moving) move(drag.id, drag.at, true);
  }

  function release() {
    const drag = held;
    finger.release();
    held = null;
    picture.classList.remove("vxl-goat-dragging");
    return drag;
  }

  /** The word whose point is nearest, of those whose targets lie below the pointer. @param {PointerEvent} event */
  function nearestTo({ clientX, clientY, target }) {
    if (!(target instanceof Element) || !target.matches("circle")) return null; // a name is of its word
    const { left, top } = picture.getBoundingClientRect();
    let best = null;
    let least = Infinity;
    for (const group of picture.querySelectorAll("[role=slider]")) {
      const id = /** @type {number} */ (wordOf(group));
      const [x, y] = spotOf(placeOf(id));
      const far = Math.hypot(left + x - clientX, top + y - clientY);
      if (far <= least) [best, least] = [id, far]; // of two in one place, the one on top
    }
    return best;
  }

  /** @param {number} id */
  function focus(id) {
    const group = picture.querySelector(`[role=slider][data-word="${id}"]`);
    if (group instanceof SVGElement) group.focus({ preventScroll: true });
  }

  return { dragging: () => held?.moving ?? false, focus };
}

/** @param {EventTarget | null} target */
function wordOf(target) {
  const group = target instanceof Element ? target.closest("[role=slider]") : null;
  return group ? Number(group.getAttribute("data-word")) : null;
}

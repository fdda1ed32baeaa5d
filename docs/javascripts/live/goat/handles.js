// Words on the plane taken by a pointer or by keys.

import { perFrame } from "@vitexplain/explorer/drag.js";

/** @import { Acts } from "./plane.js" */
/** @import { Place } from "./types.js" */

const SLACK = 4; // pixels that a click may slip
const STEP = { fine: 0.1, coarse: 1 };
const REST = 700; // ms without a key until a walk has ended
/** @type {Record<string, Place>} */
const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

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
  /** @type {{id: number, pointer: number, x: number, y: number, at: Place, moving: boolean} | null} */
  let held = null;
  let timer = 0;

  const follow = perFrame((/** @type {{x: number, y: number}} */ to) => {
    if (held?.moving) move(held.id, shift(held.at, to.x - held.x, to.y - held.y), false);
  });

  picture.addEventListener("pointerdown", (event) => {
    const id = wordOf(event.target);
    if (id === null || !event.isPrimary || event.button !== 0 || held) return;
    event.preventDefault();
    end();
    const nearest = nearestTo(event) ?? id;
    held = { id: nearest, pointer: event.pointerId, x: event.clientX, y: event.clientY, at: placeOf(nearest), moving: false };
    picture.setPointerCapture(event.pointerId);
    focus(nearest);
  });
  picture.addEventListener("pointermove", ({ pointerId, clientX: x, clientY: y }) => {
    if (held?.pointer !== pointerId) return;
    held.moving ||= Math.hypot(x - held.x, y - held.y) > SLACK;
    picture.classList.toggle("vxl-goat-dragging", held.moving);
    if (held.moving) follow({ x, y });
  });
  picture.addEventListener("pointerup", ({ pointerId, clientX, clientY }) => {
    if (held?.pointer !== pointerId) return;
    const { id, at, x, y, moving } = held;
    release();
    if (moving) move(id, shift(at, clientX - x, clientY - y), true);
    else ask(id);
  });
  // `touch-action` does not reach into pictures everywhere; elsewhere on the plane the page scrolls.
  picture.addEventListener("touchstart", (event) => wordOf(event.target) !== null && event.preventDefault(), { passive: false });
  picture.addEventListener("pointercancel", ({ pointerId }) => held?.pointer === pointerId && putBack());

  picture.addEventListener("keydown", (event) => {
    const id = wordOf(event.target);
    if (id === null || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "Escape" && held) return putBack();
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      return ask(id);
    }
    const by = KEYS[event.key];
    if (!by || held) return;
    event.preventDefault();
    const size = event.shiftKey ? STEP.coarse : STEP.fine;
    const [x, y] = placeOf(id);
    move(id, [x + by[0] * size, y + by[1] * size], false);
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
    if (!held) return;
    const { id, at, moving } = held;
    release();
    if (moving) move(id, at, true);
  }

  function release() {
    if (held && picture.hasPointerCapture(held.pointer)) picture.releasePointerCapture(held.pointer);
    held = null;
    picture.classList.remove("vxl-goat-dragging");
  }

  /** The word whose point is nearest, of those whose targets lie below the pointer. @param {PointerEvent} event */
  function nearestTo({ clientX, clientY, target }) {
    if (!(target instanceof Element) || !target.matches("circle")) return null; // a name is of its word
    const { left, top } = picture.getBoundingClientRect();
    let best = null;
    let least = Infinity;
    for (const group of picture.querySelectorAll("[role=slider]")) {
      const id = Number(group.getAttribute("data-word"));
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

  return { dragging: () => held?.moving ?? false };
}

/** @param {EventTarget | null} target */
function wordOf(target) {
  const group = target instanceof Element ? target.closest("[role=slider]") : null;
  return group ? Number(group.getAttribute("data-word")) : null;
}

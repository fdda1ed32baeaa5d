// Work in the measure the screen can show, and a finger that drags without hiding what it is on.

import { html } from "./dom.js";

const START = 8; // pixels sideways that make a touch a drag; up and down scrolls the page
const ABOVE = 64; // pixels between a finger and what is said about the place below it

/**
 * Acts at once, then at most once a frame, on the newest.
 * @template T
 * @param {(x: T) => void} act
 * @returns {(x: T) => void}
 */
export function perFrame(act) {
  /** @type {{x: T} | null} */
  let waiting = null;
  let busy = false;
  function next() {
    const now = waiting;
    waiting = null;
    busy = now !== null;
    if (!now) return;
    act(now.x);
    requestAnimationFrame(next);
  }
  return (x) => {
    waiting = { x };
    if (!busy) next();
  };
}

/**
 * Acts when the frame that answers an event is painted; asked again before that, it acts once.
 * @param {() => void} act
 */
export function afterPaint(act) {
  let asked = false;
  return () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() =>
      setTimeout(() => {
        asked = false;
        act();
      }),
    );
  };
}

/**
 * A drag that begins sideways follows the finger; `touch-action: pan-y` leaves the page its scrolling.
 * @param {HTMLElement} element
 * @param {object} on
 * @param {(x: number, y: number) => string | null} on.follow takes a place in the element, gives what to say there
 * @param {() => void} on.drop the finger left where it was followed last
 * @param {() => void} on.cancel
 * @returns {HTMLElement} the readout above the finger
 */
export function drag(element, { follow, drop, cancel }) {
  const said = html("span");
  const bubble = html("div", { class: "vx-bubble", "aria-hidden": "true", hidden: true }, said);
  /** @type {{id: number, x: number, y: number} | null} */
  let start = null;
  let dragging = false;
  let [left, top] = [0, 0];

  const move = perFrame(([x, y]) => dragging && go(x, y));

  /** @param {number} x @param {number} y */
  function go(x, y) {
    const text = follow(x - left, y - top);
    if (text === null) return;
    said.textContent = text;
    bubble.hidden = false;
    bubble.style.transform = `translateY(${y - top - ABOVE}px)`;
  }

  element.addEventListener("pointerdown", ({ pointerType, isPrimary, pointerId, clientX, clientY }) => {
    if (pointerType === "mouse" || !isPrimary) return;
    start = { id: pointerId, x: clientX, y: clientY };
    ({ left, top } = element.getBoundingClientRect()); // the page cannot scroll during a drag
  });
  element.addEventListener("pointermove", ({ pointerId, clientX: x, clientY: y }) => {
    if (start?.id !== pointerId) return;
    dragging ||= Math.abs(x - start.x) > Math.max(START, Math.abs(y - start.y));
    if (dragging) move([x, y]);
  });
  for (const kind of /** @type {const} */ (["pointerup", "pointercancel"])) {
    element.addEventListener(kind, ({ pointerId, clientX, clientY }) => {
      if (start?.id !== pointerId) return;
      if (dragging && kind === "pointerup") go(clientX, clientY);
      if (dragging) (kind === "pointerup" ? drop : cancel)();
      start = null;
      dragging = false;
      bubble.hidden = true;
    });
  }
  return bubble;
}

// One pointer, from where it goes down to where it is let go.

/**
 * Follows the primary pointer while it is held, also outside the element.
 * @param {HTMLElement} element
 * @param {object} on
 * @param {(event: PointerEvent) => boolean | void} on.down false leaves the pointer alone
 * @param {(event: PointerEvent) => void} on.move
 * @param {(event: PointerEvent) => void} on.up
 * @param {() => void} on.cancel
 */
export function grip(element, { down, move, up, cancel }) {
  let held = -1;
  const mine = (/** @type {PointerEvent} */ { pointerId }) => pointerId === held;

  function release() {
    if (held >= 0 && element.hasPointerCapture(held)) element.releasePointerCapture(held);
    held = -1;
  }

  element.addEventListener("pointerdown", (event) => {
    if (held >= 0 || !event.isPrimary || event.button !== 0 || down(event) === false) return;
    event.preventDefault(); // else the browser moves the focus, or drags
    held = event.pointerId;
    element.setPointerCapture(held);
  });
  element.addEventListener("pointermove", (event) => mine(event) && move(event));
  element.addEventListener("pointerup", (event) => {
    if (!mine(event)) return;
    release();
    up(event);
  });
  element.addEventListener("pointercancel", (event) => {
    if (!mine(event)) return;
    release();
    cancel();
  });
  return {
    release,
    get held() {
      return held >= 0;
    },
  };
}

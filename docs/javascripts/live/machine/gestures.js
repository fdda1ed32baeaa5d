// Mouse, fingers and keys on the machine: what they point at, and where they lead.

import { arrowOf } from "@vitexplain/explorer/roving.js";
import { fingers } from "../fingers.js";

/** @import { Scene } from "./scene.js" */
/** @import { Stage } from "./plan.js" */
/** @import { Cell } from "./terms.js" */

const [ZOOM, WHEEL, STEP] = [1.5, 0.0015, 60]; // of a key, of a pixel of the wheel, pixels of an arrow key

/**
 * @param {HTMLElement} area @param {Scene} scene @param {Map<string, Stage>} plan
 * @param {object} on
 * @param {() => boolean} on.calm          whether nothing may move by itself
 * @param {() => Cell | null} on.at        the chosen number
 * @param {(cell: Cell) => void} on.go
 * @param {(patch: number, picture: boolean) => void} on.patch  one was pointed at, on the picture itself or on what a head sees
 * @param {() => void} on.back
 * @param {(cell: Cell | null) => void} on.say  a mouse is over it
 */
export function handle(area, scene, plan, { calm, at, go, patch: pointed, back, say }) {
  const { camera } = scene;
  fingers(area, {
    shift: (dx, dy) => (camera.whole ? undefined : camera.pan(dx, dy)),
    zoom: (factor, x, y) => camera.zoom(factor, x, y),
    tap(x, y) {
      area.focus({ preventScroll: true });
      const { cell, picture, patch, panel, lower } = scene.hit(x, y);
      if (picture && picture.kind !== "bars" && patch >= 0) {
        pointed(patch, picture.kind === "picture");
        if (picture.kind === "head" && camera.whole) camera.fly(scene.rectOf({ panel }), calm());
      } else if (cell && scene.nearTo(cell.id)) go(cell);
      else if (cell && !camera.whole) camera.fly(scene.rectOf({ id: cell.id }), calm());
      else if (panel >= 0) camera.fly(scene.rectOf({ panel, lower }), calm());
    },
  });
  area.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.metaKey && document.activeElement !== area) return; // the page scrolls
    event.preventDefault();
    const { left, top } = area.getBoundingClientRect();
    camera.zoom(Math.exp(-WHEEL * event.deltaY), event.clientX - left, event.clientY - top);
  }, { passive: false });
  area.addEventListener("pointermove", (event) => {
    if (event.pointerType !== "mouse") return;
    const { left, top } = area.getBoundingClientRect();
    say(scene.hit(event.clientX - left, event.clientY - top).cell);
  });
  area.addEventListener("pointerleave", () => say(null));
  area.addEventListener("keydown", (event) => {
    const [way, cell] = [arrowOf(event), at()];
    const stage = plan.get(cell?.id ?? "");
    const near = event.ctrlKey || event.metaKey || event.altKey ? 0 : { "+": ZOOM, "=": ZOOM, "-": 1 / ZOOM, "−": 1 / ZOOM }[event.key];
    if (way && cell && stage) {
      const within = (/** @type {number} */ i, /** @type {number} */ count) => Math.max(0, Math.min(i, count - 1));
      go({ id: cell.id, row: within(cell.row + way[1], stage.rows), col: within(cell.col + way[0], stage.cols) });
    } else if (way) camera.pan(-STEP * way[0], -STEP * way[1]);
    else if (near) camera.zoom(near);
    else if (event.key === "Escape" && !document.fullscreenElement) back();
    else return;
    event.preventDefault();
  });
}

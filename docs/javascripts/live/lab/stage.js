// The square in which a picture is moved and zoomed: by dragging, pinching, the wheel, keys and
// buttons. It shows what the model will see, sharp.

import { button, html } from "@vitexplain/explorer/dom.js";
import { perFrame } from "@vitexplain/explorer/drag.js";
import { arrowOf } from "@vitexplain/explorer/roving.js";
import { strings } from "../../strings/lab.js";
import { tick } from "../controls.js";
import { boxOf, middle, MOVE, moved, room, ZOOM, zoomed } from "./crop.js";

/** @import { About } from "../protocol.js" */
/** @import { Crop } from "./crop.js" */
/** @import { Place } from "./state.js" */

const SIDE = 640; // pixels of the canvas' longer side
const WHEEL = 0.0015; // zoom per pixel of the wheel

/** @param {(crop: Crop) => void} change told the new crop */
export function stage(change) {
  const say = strings.crop;
  const canvas = html("canvas", { class: "vxl-lab-view", "aria-hidden": "true" });
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const area = html("div", { class: "vxl-lab-stage", tabindex: 0, role: "group", "aria-label": say.label }, canvas);
  /** @type {Place | null} */ let place = null;
  /** @type {About | null} */ let about = null;
  let aspect = 1;

  const acts = /** @type {const} */ ([
    ["left", "←", () => by(-1, 0)],
    ["up", "↑", () => by(0, -1)],
    ["down", "↓", () => by(0, 1)],
    ["right", "→", () => by(1, 0)],
    ["out", "−", () => zoom(1 / ZOOM)],
    ["in", "+", () => zoom(ZOOM)],
  ]);
  const buttons = acts.map(([name, sign, act]) => {
    const made = button("vxl-lab-nudge", sign, act);
    made.setAttribute("aria-label", say[name]);
    made.title = say[name];
    return made;
  });
  const squeeze = tick(say.squeeze, (on) => place && change({ ...place.crop, squeeze: on }));
  const centre = button("vxl-lab-centre", say.middle, () => about && change(middle(about)));
  const element = html(
    "div",
    { class: "vxl-lab-work" },
    area,
    html("div", { class: "vxl-lab-pad" }, ...buttons),
    html("div", { class: "vxl-row" }, squeeze.element, centre),
    html("p", { class: "vxl-lab-hint" }, say.hint),
  );

  /** @param {number} dx @param {number} dy in steps */
  const by = (dx, dy) => shift(dx * MOVE, dy * MOVE);
  /** @param {number} dx @param {number} dy in shares of what is seen */
  function shift(dx, dy) {
    if (place?.picture && !place.crop.squeeze) change(moved(place.picture, place.crop, aspect, dx, dy));
  }
  /** @param {number} factor @param {number} [x] @param {number} [y] */
  function zoom(factor, x, y) {
    if (place?.picture && !place.crop.squeeze) change(zoomed(place.picture, place.crop, aspect, factor, x, y));
  }

  area.addEventListener("keydown", (event) => {
    const way = arrowOf(event);
    const near = event.altKey || event.ctrlKey || event.metaKey ? 0 : { "+": ZOOM, "=": ZOOM, "-": 1 / ZOOM, "−": 1 / ZOOM }[event.key];
    if (!way && !near) return;
    event.preventDefault();
    if (way) by(...way);
    else if (near) zoom(near);
  });
  area.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.metaKey && document.activeElement !== area) return; // the page scrolls
    event.preventDefault();
    const { left, top, width, height } = area.getBoundingClientRect();
    zoom(Math.exp(-WHEEL * event.deltaY), (event.clientX - left) / width, (event.clientY - top) / height);
  }, { passive: false });

  /** Fingers and pointers that are down. @type {Map<number, {x: number, y: number}>} */
  const down = new Map();
  const follow = perFrame((/** @type {() => void} */ act) => act());
  let waiting = { dx: 0, dy: 0, factor: 1, x: 0.5, y: 0.5 };
  area.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    down.set(event.pointerId, { x: event.clientX, y: event.clientY });
    if (event.pointerType === "mouse") area.setPointerCapture(event.pointerId);
  });
  area.addEventListener("pointermove", (event) => {
    const was = down.get(event.pointerId);
    if (!was || down.size > 2) return;
    const now = { x: event.clientX, y: event.clientY };
    const { left, top, width, height } = area.getBoundingClientRect();
    const other = [...down].find(([id]) => id !== event.pointerId)?.[1];
    waiting.dx += (was.x - now.x) / width / down.size;
    waiting.dy += (was.y - now.y) / height / down.size;
    if (other) {
      waiting.factor *= apart(now, other) / Math.max(1, apart(was, other));
      [waiting.x, waiting.y] = [((now.x + other.x) / 2 - left) / width, ((now.y + other.y) / 2 - top) / height];
    }
    down.set(event.pointerId, now);
    follow(() => {
      const { dx, dy, factor, x, y } = waiting;
      waiting = { dx: 0, dy: 0, factor: 1, x: 0.5, y: 0.5 };
      if (factor !== 1) zoom(factor, x, y);
      shift(dx, dy);
    });
  });
  for (const kind of /** @type {const} */ (["pointerup", "pointercancel", "lostpointercapture"])) {
    area.addEventListener(kind, ({ pointerId }) => down.delete(pointerId));
  }

  /** @param {Place} now @param {About} of */
  function update(now, of) {
    [place, about] = [now, of];
    const [rows, cols] = of.image_size;
    aspect = cols / rows;
    const [width, height] = aspect > 1 ? [SIDE, Math.round(SIDE / aspect)] : [Math.round(SIDE * aspect), SIDE];
    if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height];
    area.style.setProperty("--aspect", String(aspect));
    squeeze.update(now.crop.squeeze);
    for (const one of buttons) one.disabled = now.crop.squeeze;
    if (!now.picture) return;
    now.picture.draw(context, boxOf(now.picture, now.crop, aspect));
    const { across, down: along } = room(now.picture, now.crop, aspect);
    area.style.touchAction = across && along ? "none" : along ? "pan-x" : "pan-y"; // else the page could not be scrolled here
  }

  return { element, update };
}

/** @param {{x: number, y: number}} a @param {{x: number, y: number}} b */
function apart(a, b) {
  return Math.hypot(a.x - b.x, a.y - b.y);
}

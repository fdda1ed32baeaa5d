// The square in which a picture is moved and zoomed: by dragging, pinching, the wheel, keys and
// buttons. It shows what the model will see, sharp.

import { button, html } from "@vitexplain/explorer/dom.js";
import { arrowOf } from "@vitexplain/explorer/roving.js";
import { strings } from "../../strings/lab.js";
import { tick } from "../controls.js";
import { fingers } from "../fingers.js";
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

  fingers(area, {
    shift(dx, dy) {
      const { width, height } = area.getBoundingClientRect();
      shift(-dx / width, -dy / height);
    },
    zoom(factor, x, y) {
      const { width, height } = area.getBoundingClientRect();
      zoom(factor, x / width, y / height);
    },
  });

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

// What the model sees, pixel by pixel; its patches can be hidden.

import { html } from "@vitexplain/explorer/dom.js";
import { strings } from "../../strings/lab.js";
import { paint, pictureOf } from "../pixels.js";
import { toggles } from "./toggles.js";

/** @import { About } from "../protocol.js" */
/** @import { Place } from "./state.js" */
/** @import { Told } from "./toggles.js" */

/** @param {Told} told */
export function mask(told) {
  const { label, name, hint } = strings.patches;
  const holder = html("div", { class: "vxl-lab-mask" });
  const canvas = html("canvas", { class: "vxl-lab-view vxl-lab-pixels", "aria-hidden": "true" });
  const element = html("div", { class: "vxl-lab-work" }, holder, html("p", { class: "vxl-lab-hint" }, hint));
  /** @type {ReturnType<typeof toggles> | null} */ let cells = null;
  let made = "";

  /** @param {Place} place @param {About} about */
  function update({ seen, hidden }, about) {
    const { grid: [rows, cols], image_size: [height, width] } = about;
    if (made !== (made = `${rows} ${cols}`)) {
      cells = toggles({ rows, cols, label, name, swipe: true }, told);
      holder.replaceChildren(canvas, cells.element);
    }
    holder.style.setProperty("--aspect", String(width / height));
    cells?.update(hidden);
    if (seen) paint(canvas, pictureOf(seen, about, hidden));
  }

  return { element, update };
}

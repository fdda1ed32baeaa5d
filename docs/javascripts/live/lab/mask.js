// What the model sees, pixel by pixel; its patches can be hidden.

import { html } from "@vitexplain/explorer/dom.js";
import { strings } from "../../strings/lab.js";
import { pictureOf } from "./pixels.js";
import { toggles } from "./toggles.js";

/** @import { About } from "./types.js" */
/** @import { Place } from "./types.js" */

/** @param {{begin: () => void, set: (patch: number, hidden: boolean) => void}} on */
export function mask(on) {
  const holder = html("div", { class: "vxl-lab-mask" });
  const canvas = html("canvas", { class: "vxl-lab-view vxl-lab-pixels", "aria-hidden": "true" });
  const hint = html("p", { class: "vxl-lab-hint" }, strings.patches.hint);
  const element = html("div", { class: "vxl-lab-work" }, holder, hint);
  /** @type {ReturnType<typeof toggles> | null} */ let cells = null;
  let made = "";

  /** @param {Place} place @param {About} about */
  function update({ seen, hidden }, about) {
    const { grid: [rows, cols], image_size: [height, width] } = about;
    if (made !== (made = `${rows} ${cols}`)) {
      const { label, name } = strings.patches;
      cells = toggles({ rows, cols, label, name, swipe: true }, on);
      holder.replaceChildren(canvas, cells.element);
    }
    holder.style.setProperty("--aspect", String(width / height));
    cells?.update(hidden);
    if (!seen) return;
    const picture = pictureOf(seen, about, hidden);
    [canvas.width, canvas.height] = [picture.width, picture.height];
    canvas.getContext("2d")?.drawImage(picture, 0, 0);
  }

  return { element, update };
}

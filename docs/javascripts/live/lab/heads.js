// Every head of the model as a switch.

import { html } from "@vitexplain/explorer/dom.js";
import { strings } from "../../strings/lab.js";
import { toggles } from "./toggles.js";

/** @import { About } from "./types.js" */

/** @param {{begin: () => void, set: (head: number, off: boolean) => void}} on */
export function heads(on) {
  const say = strings.heads;
  const holder = html("div", { class: "vxl-lab-heads", role: "region", tabindex: 0, "aria-label": say.label });
  const hint = html("p", { class: "vxl-lab-hint" });
  const element = html("div", { class: "vxl-lab-work" }, holder, hint);
  /** @type {ReturnType<typeof toggles> | null} */ let cells = null;
  let made = "";

  /** @param {About} about @param {Set<number>} off */
  function update(about, off) {
    const { layers, heads: count, inputs } = about;
    const able = inputs.includes("gates");
    if (made !== (made = `${layers} ${count} ${able}`)) {
      const { label, name, row: rowName, head: colsName } = say;
      cells = toggles({ rows: layers, cols: count, label, name, rowName, colName: String, colsName }, on);
      holder.replaceChildren(...(able ? [cells.element] : []));
      hint.textContent = able ? say.hint : say.noGates;
      holder.hidden = !able;
    }
    cells?.update(off);
  }

  return { element, update };
}

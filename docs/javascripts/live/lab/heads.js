// Every head of the model as a switch.

import { html } from "@vitexplain/explorer/dom.js";
import { strings } from "../../strings/lab.js";
import { toggles } from "./toggles.js";

/** @import { About } from "../protocol.js" */
/** @import { Told } from "./toggles.js" */

/** @param {Told} told */
export function heads(told) {
  const { label, name, row: rowName, head: colsName, hint: how, noGates } = strings.heads;
  const holder = html("div", { class: "vxl-lab-heads", role: "region", tabindex: 0, "aria-label": label });
  const hint = html("p", { class: "vxl-lab-hint" });
  const element = html("div", { class: "vxl-lab-work" }, holder, hint);
  /** @type {ReturnType<typeof toggles> | null} */ let cells = null;
  let made = "";

  /** @param {About} about @param {Set<number>} off */
  function update({ layers: rows, heads: cols, inputs }, off) {
    const able = inputs.includes("gates");
    if (made !== (made = `${rows} ${cols} ${able}`)) {
      cells = toggles({ rows, cols, label, name, rowName, colsName }, told);
      holder.replaceChildren(...(able ? [cells.element] : []));
      hint.textContent = able ? how : noGates;
      holder.hidden = !able;
    }
    cells?.update(off);
  }

  return { element, update };
}

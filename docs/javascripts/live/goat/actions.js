// Undo and redo, reset, and a link to what is there now.

import { button, html, uid } from "@vitexplain/explorer/dom.js";
import { strings } from "../../strings/goat.js";
import { wayBack } from "../controls.js";

/** @import { Keeper } from "@vitexplain/explorer/keeper.js" */
/** @import { Sheet } from "./sheet.js" */

const PRAISE = 2000; // ms that the button says it is done

/**
 * @param {Keeper<Sheet>} keeper
 * @param {object} on
 * @param {HTMLElement} on.host
 * @param {AbortSignal} on.signal
 * @param {() => void} on.reset
 * @param {() => string} on.link the address of what is there now
 * @param {(text: string) => void} on.say
 */
export function actions(keeper, { host, signal, reset, link, say }) {
  const { undone, redone } = strings.said;
  const back = wayBack(host, keeper, { undo: strings.undo, redo: strings.redo, undone, redone }, signal);
  const anew = button("", strings.reset, reset);
  const copy = button("", strings.copy, copied);
  const id = uid("link");
  const address = html("input", { type: "text", id, readonly: true });
  const shown = html("div", { class: "vxl-goat-link", hidden: true }, html("label", { for: id }, strings.link), address);
  const row = html("div", { class: "vxl-row" }, back.undo, back.redo, anew, copy);

  async function copied() {
    const url = link();
    try {
      await navigator.clipboard.writeText(url);
      shown.hidden = true;
      say(strings.copied);
      copy.textContent = strings.done;
      setTimeout(() => (copy.textContent = strings.copy), PRAISE);
    } catch {
      address.value = url; // there is no clipboard: the reader copies it from here
      shown.hidden = false;
      address.focus();
      address.select();
    }
  }

  return { element: html("div", { class: "vxl-controls vxl-goat-actions" }, row, shown), update: () => back.update(anew) };
}

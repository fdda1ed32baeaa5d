// Undo and redo, reset, and a link to what is there now.

import { button, enable, html, uid } from "@vitexplain/explorer/dom.js";
import { strings } from "../../strings/goat.js";

/** @import { History } from "./history.js" */

const PRAISE = 2000; // ms that the button says it is done

/**
 * @param {History} history
 * @param {object} on
 * @param {() => void} on.reset
 * @param {() => string} on.link the address of what is there now
 * @param {(text: string) => void} on.say
 */
export function actions(history, on) {
  const undo = button("", strings.undo, () => history.undo(strings.said.undone));
  const redo = button("", strings.redo, () => history.redo(strings.said.redone));
  const reset = button("", strings.reset, on.reset);
  const copy = button("", strings.copy, copied);
  const id = uid("link");
  const address = html("input", { type: "text", id, readonly: true });
  const shown = html("div", { class: "vxl-goat-link", hidden: true }, html("label", { for: id }, strings.link), address);
  const element = html("div", { class: "vxl-controls vxl-goat-actions" }, html("div", { class: "vxl-row" }, undo, redo, reset, copy), shown);

  async function copied() {
    const url = on.link();
    try {
      await navigator.clipboard.writeText(url);
      shown.hidden = true;
      on.say(strings.copied);
      copy.textContent = strings.done;
      setTimeout(() => (copy.textContent = strings.copy), PRAISE);
    } catch {
      address.value = url; // there is no clipboard: the reader copies it from here
      shown.hidden = false;
      address.focus();
      address.select();
    }
  }

  function update() {
    enable(undo, history.canUndo, reset);
    enable(redo, history.canRedo, reset);
  }

  return { element, update };
}

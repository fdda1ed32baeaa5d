// Controls that the widgets share: one of a few, yes or no, the way back, and what is said.

import { button, enable, html, uid, write } from "@vitexplain/explorer/dom.js";

/** @import { Keeper } from "@vitexplain/explorer/keeper.js" */

/** A place that a screen reader hears of; one sees it only with a class of its own. */
export function status(name = "vxl-sr") {
  return html("p", { class: name, role: "status" });
}

/** A place for what is wrong. */
export function alert() {
  return html("p", { class: "vxl-problem", role: "alert" });
}

/**
 * Radio buttons that look like buttons. With `looks` the caller fills what each looks like, and the
 * legend names the chosen one.
 * @template {string | number} T
 * @param {string} legend
 * @param {Array<[T, string]>} options
 * @param {(value: T) => void} choose
 * @param {(legend: string, name: string) => string} [looks]
 */
export function choice(legend, options, choose, looks) {
  const name = uid("choice");
  const made = options.map(([value, text]) => {
    const input = html("input", { type: "radio", name, value, class: "vxl-sr" });
    input.addEventListener("change", () => choose(value));
    const look = html("span", { class: "vxl-look", "aria-hidden": "true" });
    const said = html("span", looks ? { class: "vxl-sr" } : {}, text);
    const chip = html("span", { class: "vxl-chip" }, ...(looks ? [look] : []), said);
    return { value, text, input, look, said, label: html("label", { class: "vxl-option" }, input, chip) };
  });
  const title = html("legend", {}, legend);
  const list = html("div", { class: "vxl-options" }, ...made.map(({ label }) => label));
  return {
    element: html("fieldset", { class: `vxl-choice${looks ? " vxl-looks" : ""}` }, title, list),
    looks: made.map(({ look }) => look),
    /** @param {T} chosen */
    update(chosen) {
      for (const { value, text, input } of made) {
        input.checked = value === chosen;
        if (looks && input.checked) write(title, looks(legend, text));
      }
    },
    /** @param {T} value @param {boolean} shown */
    offer(value, shown) {
      for (const one of made) if (one.value === value) one.label.hidden = !shown;
    },
  };
}

/** A box to tick. @param {string} text @param {(on: boolean) => void} act @param {string} [help] */
export function tick(text, act, help = "") {
  const box = html("input", { type: "checkbox" });
  box.addEventListener("change", () => act(box.checked));
  const words = html("span", {}, text, ...(help ? [html("small", { class: "vxl-note" }, help)] : []));
  return { element: html("label", { class: "vxl-switch" }, box, words), update: (/** @type {boolean} */ on) => (box.checked = on) };
}

/**
 * Undo and redo: two buttons, and Ctrl+Z and its like where no text is typed.
 * @param {HTMLElement} host
 * @param {Keeper<any>} keeper
 * @param {{undo: string, redo: string, undone: string, redone: string}} say
 * @param {AbortSignal} signal
 */
export function wayBack(host, keeper, say, signal) {
  const undo = button("", say.undo, () => keeper.undo(say.undone));
  const redo = button("", say.redo, () => keeper.redo(say.redone));
  host.addEventListener("keydown", (event) => {
    const { key, ctrlKey, metaKey, shiftKey, altKey, target } = event;
    const letter = key.toLowerCase();
    const typing = target instanceof Element && target.closest("input:is([type=text], [type=number]), textarea");
    if (typing || altKey || !(ctrlKey || metaKey) || (letter !== "z" && letter !== "y")) return;
    event.preventDefault();
    if (letter === "y" || shiftKey) keeper.redo(say.redone);
    else keeper.undo(say.undone);
  }, { signal });
  return {
    undo,
    redo,
    /** @param {HTMLElement} other what gets the focus of a button that may not be pressed any longer */
    update(other) {
      enable(undo, keeper.canUndo, keeper.canRedo ? redo : other);
      enable(redo, keeper.canRedo, keeper.canUndo ? undo : other);
    },
  };
}

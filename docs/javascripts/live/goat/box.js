// Boxes to type in, and the place beside them that says what is wrong.

import { html, uid, write } from "@vitexplain/explorer/dom.js";
import { differences } from "@vitexplain/explorer/keeper.js";
import { arrowOf } from "@vitexplain/explorer/roving.js";
import { alert } from "../controls.js";
import { Problem } from "../files.js";
import { read } from "./sheet.js";

/** @import { Keeper } from "@vitexplain/explorer/keeper.js" */
/** @import { Sheet } from "./sheet.js" */

const UNFINISHED = /^[-+−–]?(\d*[.,]?\d*e[-+]?|[.,])?$/i; // on the way to a number: "", "-", "1e"
const STEP = { fine: 0.1, coarse: 1 }; // arrow keys, and with Shift

/** What is wrong with some boxes, said below them. */
export class Problems {
  id = uid("problem");
  element = alert();
  /** @type {Map<HTMLElement, string>} */ #messages = new Map();

  constructor() {
    this.element.id = this.id;
  }

  /** Says what is wrong with a box; nothing is wrong without a message. @param {HTMLElement} box @param {string} [message] */
  say(box, message = "") {
    if (message) this.#messages.set(box, message);
    else this.#messages.delete(box);
    for (const [name, value] of [["aria-invalid", "true"], ["aria-describedby", this.id]]) {
      if (message) box.setAttribute(name, value);
      else box.removeAttribute(name);
    }
    write(this.element, [...new Set(this.#messages.values())].join(" "));
  }

  /** Tries something that may be wrong with what is in a box. @param {HTMLElement} box @param {() => void} act */
  try(box, act) {
    try {
      act();
      this.say(box);
      return true;
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      this.say(box, error.message);
      return false;
    }
  }
}

/** What comes of typing: one step once it has settled. @param {Keeper<Sheet>} keeper @param {Partial<Sheet>} patch @param {boolean} settled @param {string} said */
export function entered(keeper, patch, settled, said) {
  const changed = differences({ ...keeper.state, ...patch }, keeper.state).length > 0;
  if (changed || (settled && keeper.open)) keeper.change(patch, { settled, said: settled ? said : "" });
}

/**
 * A text box without a browser's own ideas of what is in it, so that whatever is typed can be
 * answered in words. It settles when it is left or at Enter; Escape brings back what was there.
 * @template T
 * @param {string} kind
 * @param {Problems} problems
 * @param {{read: (text: string) => T, plain: (value: T) => string, unfinished?: RegExp, more?: Record<string, string>}} how
 *   with `unfinished` whatever else is typed goes on at once
 * @param {(value: T, settled: boolean) => void} act
 */
export function entry(kind, problems, { read, plain, unfinished, more = {} }, act) {
  const bare = { autocomplete: "off", autocapitalize: "off", spellcheck: "false", enterkeyhint: "done" };
  const input = html("input", { type: "text", class: kind, ...bare, ...more });
  let shown = "";
  let touched = false;

  const take = (/** @type {boolean} */ settled) =>
    problems.try(input, () => {
      const value = read(input.value);
      shown = plain(value);
      act(value, settled);
    });

  function settle() {
    if (touched && take(true)) input.value = shown;
    touched = false;
  }

  function restore() {
    touched = false;
    problems.say(input);
    input.value = shown;
  }

  input.addEventListener("input", () => {
    touched = true;
    if (unfinished?.test(input.value.trim())) problems.say(input);
    else if (unfinished) take(false);
  });
  for (const kind of ["change", "blur"]) input.addEventListener(kind, settle);
  input.addEventListener("keydown", ({ key }) => {
    if (key === "Enter") settle();
    if (key === "Escape") restore();
  });

  /** @param {T} value @param {string} [label] */
  function show(value, label = "") {
    if (label) input.setAttribute("aria-label", label);
    if (plain(value) === shown) return;
    shown = plain(value);
    restore();
  }

  return { element: input, settle, show };
}

/** A box for one number, which arrow keys count up and down. @param {Problems} problems @param {(x: number, settled: boolean) => void} act */
export function numberBox(problems, act) {
  const plain = (/** @type {number} */ x) => String(Math.round(x * 1e6) / 1e6 + 0);
  const box = entry("vxl-goat-number", problems, { read, plain, unfinished: UNFINISHED }, act);
  const { element } = box;
  element.addEventListener("keydown", (event) => {
    const down = arrowOf(event)?.[1];
    if (!down) return;
    event.preventDefault();
    if (!problems.try(element, () => read(element.value))) return;
    element.value = plain(read(element.value) - down * (event.shiftKey ? STEP.coarse : STEP.fine));
    element.dispatchEvent(new Event("input"));
  });
  return box;
}

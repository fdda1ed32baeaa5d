// A box for one number, and the place beside it where it says what is wrong.

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

/** A box to type in, without a browser's own ideas of what that should be. @param {string} kind @param {Record<string, string>} [more] */
export function textBox(kind, more = {}) {
  return html("input", { type: "text", class: kind, autocomplete: "off", autocapitalize: "off", spellcheck: "false", enterkeyhint: "done", ...more });
}

/** What comes of typing: one step once it has settled. @param {Keeper<Sheet>} keeper @param {Partial<Sheet>} patch @param {boolean} settled @param {string} said */
export function entered(keeper, patch, settled, said) {
  const changed = differences({ ...keeper.state, ...patch }, keeper.state).length > 0;
  if (changed || (settled && keeper.open)) keeper.change(patch, { settled, said: settled ? said : "" });
}

/**
 * A text box that takes numbers only, so that whatever is typed can be answered in words; the
 * number goes on as soon as it is one.
 * @param {string} name
 * @param {Problems} problems
 * @param {(x: number, settled: boolean) => void} act
 */
export function numberBox(name, problems, act) {
  const input = textBox("vxl-goat-number");
  let shown = NaN;
  let touched = false;

  const take = (/** @type {boolean} */ settled) =>
    problems.try(input, () => {
      shown = read(input.value);
      act(shown, settled);
    });

  input.addEventListener("input", () => {
    touched = true;
    if (UNFINISHED.test(input.value.trim())) problems.say(input);
    else take(false);
  });
  for (const kind of ["change", "blur"]) input.addEventListener(kind, () => touched && settle());
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter") return settle();
    if (event.key === "Escape") return restore();
    const down = arrowOf(event)?.[1];
    if (!down) return;
    event.preventDefault();
    if (!problems.try(input, () => read(input.value))) return;
    input.value = plain(read(input.value) - down * (event.shiftKey ? STEP.coarse : STEP.fine));
    touched = true;
    take(false);
  });

  function settle() {
    touched = false;
    if (take(true)) input.value = plain(shown);
  }

  function restore() {
    touched = false;
    problems.say(input);
    input.value = plain(shown);
  }

  /** @param {number} x @param {string} [label] */
  function show(x, label = name) {
    if (input.getAttribute("aria-label") !== label) input.setAttribute("aria-label", label);
    if (Object.is(x, shown)) return;
    shown = x;
    restore();
  }

  return { element: input, show };
}

/** A number as it is typed. @param {number} x */
function plain(x) {
  return String(Math.round(x * 1e6) / 1e6 + 0);
}

// A box for one number, and the place beside it where it says what is wrong.

import { html, uid, write } from "@vitexplain/explorer/dom.js";
import { Problem, read } from "./sheet.js";

const UNFINISHED = /^[-+−–]?(\d*[.,]?\d*e[-+]?|[.,])?$/i; // on the way to a number: "", "-", "1e"
const STEP = { fine: 0.1, coarse: 1 }; // arrow keys, and with Shift

/** What is wrong with some boxes, said below them. */
export class Problems {
  id = uid("problem");
  element = html("p", { class: "vxl-problem", id: this.id, role: "alert" });
  /** @type {Map<HTMLElement, string>} */ #messages = new Map();

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

/**
 * A text box that takes numbers only, so that whatever is typed can be answered in words; the
 * number goes on as soon as it is one.
 * @param {object} options
 * @param {string} options.name
 * @param {Problems} options.problems
 * @param {(x: number, settled: boolean) => void} options.act
 */
export function numberBox({ name, problems, act }) {
  const input = html("input", { type: "text", class: "vxl-goat-number", autocomplete: "off", autocapitalize: "off", spellcheck: "false", enterkeyhint: "done" });
  let shown = NaN;
  let touched = false;

  const take = (/** @type {boolean} */ settled) =>
    problems.try(input, () => {
      const x = read(input.value);
      shown = x;
      act(x, settled);
    });

  input.addEventListener("input", () => {
    touched = true;
    if (UNFINISHED.test(input.value.trim())) problems.say(input);
    else take(false);
  });
  input.addEventListener("change", () => touched && settle());
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter") return settle();
    if (event.key === "Escape") return restore();
    const by = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (!by || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const size = event.shiftKey ? STEP.coarse : STEP.fine;
    if (!problems.try(input, () => read(input.value))) return;
    input.value = plain(read(input.value) + by * size);
    touched = true;
    take(false);
  });
  input.addEventListener("blur", () => touched && settle());

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

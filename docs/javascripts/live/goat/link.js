// The sheet in the page's address, as one parameter of letters that addresses leave as they are:
// ?goat=1_s_1____the_1_1_sheep_4_0 is version, switches, temperature, W_Q, W_K, W_V (empty for
// the identity), then each word with its two numbers.

import { Problem } from "../files.js";
import { checked, counted, IDENTITY, newWord, read, ROLES, TEMPERATURES } from "./sheet.js";

/** @import { Role, Sheet, Square } from "./sheet.js" */

export const PARAMETER = "goat";
const VERSION = "1";
const HEAD = 3 + ROLES.length; // fields before the words
const PAUSE = 300; // ms between writes: browsers refuse more than about ten a second

/** @param {Sheet} sheet */
export function encode({ words, scaling, causal, temperature, matrices }) {
  const square = (/** @type {Square} */ matrix) => (String(matrix) === String(IDENTITY) ? "" : matrix.join("*"));
  return [
    VERSION,
    `${scaling ? "s" : ""}${causal ? "c" : ""}`,
    temperature,
    ...ROLES.map((role) => square(matrices[role])),
    ...words.flatMap(({ word, at }) => [word.replaceAll("*", "*0").replaceAll("_", "*1"), ...at]),
  ].join("_");
}

/** @param {string} text @returns {Sheet} */
export function decode(text) {
  const fields = text.split("_");
  const [version, switches, degrees] = fields;
  const [coldest, hottest] = TEMPERATURES;
  if (version !== VERSION || !/^s?c?$/.test(switches) || fields.length % 3 !== 0) throw new Problem(text);
  const temperature = read(degrees, hottest);
  if (temperature < coldest) throw new Problem(degrees);
  const square = (/** @type {string} */ field) => {
    const numbers = field === "" ? IDENTITY : field.split("*").map((one) => read(one));
    if (numbers.length !== IDENTITY.length) throw new Problem(field);
    return /** @type {Square} */ (/** @type {unknown} */ (numbers));
  };
  const matrices = /** @type {Record<Role, Square>} */ (
    Object.fromEntries(ROLES.map((role, i) => [role, square(fields[3 + i])]))
  );
  const words = Array.from({ length: (fields.length - HEAD) / 3 }, (_, i) => {
    const [word, x, y] = fields.slice(HEAD + 3 * i);
    return newWord(checked(word.replaceAll("*1", "_").replaceAll("*0", "*")), [read(x), read(y)]);
  });
  return { words: counted(words), scaling: switches.includes("s"), causal: switches.includes("c"), temperature, matrices };
}

/**
 * A token's number as the explorer writes it to an address.
 * @param {"query" | "key"} name
 * @param {number} otherwise
 * @param {string} [search]
 */
export function chosen(name, otherwise, search = location.search) {
  const given = new URLSearchParams(search).get(name);
  return given !== null && /^\d+$/.test(given) ? Number(given) : otherwise;
}

/**
 * The link of this page that was clicked, if it holds a sheet; one that is to open elsewhere does not count.
 * @param {MouseEvent} event
 * @returns {{sheet: Sheet, search: string} | null}
 */
export function clicked({ target, button, ctrlKey, metaKey, shiftKey, altKey }) {
  const link = target instanceof Element ? target.closest("a[href]") : null;
  if (!(link instanceof HTMLAnchorElement) || button !== 0 || ctrlKey || metaKey || shiftKey || altKey) return null;
  const { origin, pathname, search } = link;
  const text = new URLSearchParams(search).get(PARAMETER);
  if (text === null || origin !== location.origin || pathname !== location.pathname) return null;
  try {
    return { sheet: decode(text), search };
  } catch {
    return null; // the page says so when it is opened
  }
}

/** Writes the address, a little after the last change. */
export class Link {
  #timer = 0;
  #page = location.pathname;
  /** @type {string | null} */ #waiting = null;

  /** @param {Sheet} start the sheet that needs no parameter */
  constructor(start) {
    this.start = encode(start);
  }

  /** The sheet that the address names; null without one. @param {() => void} unreadable @returns {Sheet | null} */
  read(unreadable) {
    const given = new URLSearchParams(location.search).get(PARAMETER);
    try {
      return given === null ? null : decode(given);
    } catch {
      unreadable();
      return null;
    }
  }

  /** @param {Sheet} sheet */
  write(sheet) {
    this.#waiting = encode(sheet);
    if (!this.#timer) this.#timer = window.setTimeout(() => this.flush(), PAUSE);
  }

  /** Writes now, if something waits. */
  flush() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    const text = this.#waiting;
    this.#waiting = null;
    if (text === null || location.pathname !== this.#page) return; // the page went on
    const url = new URL(location.href);
    if (text === this.start) url.searchParams.delete(PARAMETER);
    else url.searchParams.set(PARAMETER, text);
    if (url.href !== location.href) history.replaceState(history.state, "", url);
  }
}

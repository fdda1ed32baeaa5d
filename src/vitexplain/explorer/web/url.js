// The state in the page's address: ?view=matrix&query=6&layer=3&head=1. One explorer a page may
// write it. In a saved file it stands after a #, as browsers let a file change nothing else.

/** @import { State } from "./types.js" */

const NAMES = /** @type {const} */ ([
  "view", "example", "query", "key", "layer", "head", "map", "step", "stage", "arrows", "look",
]);
const PAUSE = 250; // ms between writes: browsers refuse more than about ten a second

/** @type {object | null} */
let owner = null;

export class Address {
  #timer = 0;
  #page = "";
  /** @type {Record<keyof State, string | null> | null} */ #waiting = null;

  /** Whether this explorer got the address: the first to ask does. */
  claim() {
    owner ??= this;
    this.#page = location.pathname;
    return this.mine;
  }

  /** Not so while a site that swaps its pages has gone to another and this one is still there. */
  get mine() {
    return owner === this && location.pathname === this.#page;
  }

  release() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    this.#waiting = null;
    if (owner === this) owner = null;
  }

  /** The part of a state that the address names. @returns {Partial<State>} */
  read() {
    const given = parameters(new URL(location.href));
    /** @type {Record<string, string | number>} */
    const state = {};
    for (const name of NAMES) {
      const value = given.get(name);
      if (value === null || value === "") continue;
      const word = name === "view" || name === "look" || value === "mean" || value === "rollout";
      state[name] = word ? value : Number(value);
    }
    return /** @type {Partial<State>} */ (state);
  }

  /**
   * Writes the given parameters, takes out those that are null, and leaves the rest alone.
   * @param {Record<keyof State, string | null>} link
   */
  write(link) {
    if (!this.mine) return;
    if (this.#timer) {
      this.#waiting = link;
      return;
    }
    const url = new URL(location.href);
    const given = parameters(url);
    for (const name of NAMES) {
      const value = link[name];
      if (value === null) given.delete(name);
      else given.set(name, value);
    }
    if (isFile(url)) url.hash = String(given);
    else url.search = String(given);
    if (url.href !== location.href) history.replaceState(history.state, "", url);
    this.#timer = window.setTimeout(() => {
      this.#timer = 0;
      const waiting = this.#waiting;
      this.#waiting = null;
      if (waiting) this.write(waiting);
    }, PAUSE);
  }
}

/** @param {URL} url */
function isFile(url) {
  return url.protocol === "file:";
}

/** @param {URL} url */
function parameters(url) {
  return new URLSearchParams(isFile(url) ? url.hash.slice(1) : url.search);
}

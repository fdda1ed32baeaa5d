// The sheet as it is now, those before it, and who is told when it changes.

/** @import { How, Sheet } from "./types.js" */

const MOST = 100; // sheets that are kept

export class History {
  /** @type {Sheet[]} */ #past = [];
  /** @type {Sheet[]} */ #future = [];
  /** @type {Sheet} */ #kept;
  /** @type {Array<(how: Required<How>) => void>} */ #listeners = [];
  #said = "";

  /** @param {Sheet} sheet */
  constructor(sheet) {
    this.sheet = this.#kept = sheet;
  }

  get canUndo() {
    return this.#past.length > 0 || this.sheet !== this.#kept;
  }

  get canRedo() {
    return this.#future.length > 0;
  }

  /** @param {Sheet} sheet @param {How} [how] */
  change(sheet, { settled = true, said = "" } = {}) {
    this.sheet = sheet;
    if (said) this.#said = said;
    if (settled) return this.settle();
    this.#tell(false);
  }

  /** Keeps what a drag or typing has come to. */
  settle() {
    if (this.sheet !== this.#kept) {
      this.#past = [...this.#past.slice(1 - MOST), this.#kept];
      this.#future = [];
      this.#kept = this.sheet;
    }
    this.#tell(true);
  }

  /** Whether there is something that was not settled. */
  get open() {
    return this.sheet !== this.#kept;
  }

  /** @param {string} said */
  undo(said) {
    if (this.open) this.settle();
    this.#go(this.#past, this.#future, said);
  }

  /** @param {string} said */
  redo(said) {
    this.#go(this.#future, this.#past, said);
  }

  /** @param {(how: Required<How>) => void} listener */
  subscribe(listener) {
    this.#listeners.push(listener);
  }

  /** @param {Sheet[]} from @param {Sheet[]} to @param {string} said */
  #go(from, to, said) {
    const sheet = from.pop();
    if (!sheet) return;
    to.push(this.#kept);
    this.sheet = this.#kept = sheet;
    this.#said = said;
    this.#tell(true);
  }

  /** @param {boolean} settled */
  #tell(settled) {
    const said = settled ? this.#said : "";
    if (settled) this.#said = "";
    for (const listener of this.#listeners) listener({ settled, said });
  }
}

// What a widget knows, who is told when that changes, and the way back. A state is never changed
// in place: each change makes another.

/**
 * How a change is kept (not yet, in the middle of a drag; or anew, where what was before fits no
 * longer), the words that say it, and its cause, for those who ask.
 * @typedef {{settled?: boolean, anew?: boolean, said?: string, cause?: string}} How
 */

/**
 * What listeners are told: the fields that changed, and what is said once things have come to rest.
 * @template T
 * @typedef {{changed: Array<keyof T>, settled: boolean, said: string, cause: string}} News
 */

const MOST = 200; // states to go back to

/** @template {object} T */
export class Keeper {
  /** @type {T} */ #now;
  /** @type {T} */ #kept;
  /** @type {T[]} */ #past = [];
  /** @type {T[]} */ #future = [];
  /** @type {Array<(news: News<T>) => void>} */ #listeners = [];
  #back;
  #said = "";

  /** @param {T} state @param {Array<keyof T>} [back] the fields that undo brings back, if not all */
  constructor(state, back = fields(state)) {
    this.#now = this.#kept = state;
    this.#back = back;
  }

  get state() {
    return this.#now;
  }

  /** Whether there is something that has not settled. */
  get open() {
    return differences(this.#now, this.#kept, this.#back).length > 0;
  }

  get canUndo() {
    return this.#past.length > 0 || this.open;
  }

  get canRedo() {
    return this.#future.length > 0;
  }

  /** @param {Partial<T>} patch @param {How} [how] */
  change(patch, { settled = true, anew = false, said = "", cause = "" } = {}) {
    if (said) this.#said = said;
    const changed = this.#put({ ...this.#now, ...patch });
    if (settled && !anew) this.#keep();
    if (anew) [this.#past, this.#future, this.#kept] = [[], [], this.#now];
    this.tell(changed, settled, cause);
  }

  /** Keeps what a drag or typing has come to. @param {string} [said] */
  settle(said = "") {
    this.change({}, { said });
  }

  /** @param {string} said */
  undo(said) {
    this.#keep();
    this.#go(this.#past, this.#future, said);
  }

  /** @param {string} said */
  redo(said) {
    this.#go(this.#future, this.#past, said);
  }

  /** @param {(news: News<T>) => void} listener */
  subscribe(listener) {
    this.#listeners.push(listener);
  }

  /** @param {T} next */
  #put(next) {
    const changed = differences(next, this.#now);
    if (changed.length) this.#now = next;
    return changed;
  }

  #keep() {
    if (this.open) {
      this.#past = [...this.#past.slice(1 - MOST), this.#kept];
      this.#future = [];
    }
    this.#kept = this.#now;
  }

  /** @param {T[]} from @param {T[]} to @param {string} said */
  #go(from, to, said) {
    const moment = from.pop();
    if (!moment) return;
    to.push(this.#now);
    const brought = /** @type {Partial<T>} */ (Object.fromEntries(this.#back.map((field) => [field, moment[field]])));
    const changed = this.#put({ ...this.#now, ...brought });
    this.#kept = this.#now;
    this.#said = said;
    this.tell(changed);
  }

  /** Tells all listeners, also of what is no part of the state. @param {Array<keyof T>} changed */
  tell(changed, settled = true, cause = "") {
    const said = settled ? this.#said : "";
    if (settled) this.#said = "";
    for (const listener of this.#listeners) listener({ changed, settled, said, cause });
  }
}

/**
 * The fields in which two states differ.
 * @template {object} T
 * @param {T} a @param {T} b @param {Array<keyof T>} [of]
 */
export function differences(a, b, of = fields(a)) {
  return of.filter((field) => a[field] !== b[field]);
}

/** @template {object} T @param {T} state */
function fields(state) {
  return /** @type {Array<keyof T>} */ (Object.keys(state));
}

// The one place that knows what is on screen. Parts of the explorer read it, ask it to
// change, and are told when it did.

import { pointed, row, strongest } from "./data.js";

/** @import { Data, Pair, State, View } from "./types.js" */

export const VIEWS = /** @type {View[]} */ (["tutorial", "steps", "matrix"]);
export const STAGES = /** @type {const} */ (["query", "keys", "scores", "scale", "softmax", "values", "output"]);
/** @typedef {(typeof STAGES)[number]} Stage */

export const MOST_ARROWS = 8;
const ARROWS = 4;
const FEW_ARROWS = 3;
/** Decimals of a weight in the picture and below a word. */
export const DECIMALS = { patch: 3, word: 4 };

/** Why the state changed: the reader chose a token, or anything else. @typedef {"token" | "other"} Cause */

export class Store {
  /** @type {State} */ #state;
  /** @type {State} */ #start;
  /** @type {Pair | null} */ #peek = null;
  /** @type {Set<number>} */ #revealed = new Set();
  /** @type {Array<(changed: boolean, cause: Cause) => void>} */ #listeners = [];

  /**
   * @param {Data} data
   * @param {View | null} [first] the view to begin with
   */
  constructor(data, first = null) {
    this.data = data;
    const { query, map } = data;
    const few = data.compact ? FEW_ARROWS : ARROWS;
    const arrows = Math.min(data.grid ? few : MOST_ARROWS, this.mostArrows);
    const view = first && this.views.includes(first) ? first : this.views[0];
    this.#state = { view, query, key: this.#top(map, query), map, step: 0, stage: 0, arrows };
    this.#start = this.#state;
  }

  /** Without a tour there is no tutorial. */
  get views() {
    return this.data.tour.length ? VIEWS : VIEWS.slice(1);
  }

  get state() {
    return { ...this.#state };
  }

  get map() {
    return this.data.maps[this.#state.map];
  }

  get step() {
    return this.data.tour[this.#state.step];
  }

  get mostArrows() {
    return Math.min(MOST_ARROWS, this.data.tokens.length);
  }

  /** The pair to show: the one under the pointer, or else the chosen one. @returns {Pair} */
  get pair() {
    return this.#peek ?? { query: this.#state.query, key: this.#state.key };
  }

  /** Whether one key is looked at, under the pointer or through the calculation. */
  get following() {
    const calm = this.data.compact || this.#state.view === "tutorial";
    return !this.hidden && (this.peeking || !calm);
  }

  get peeking() {
    return this.#peek !== null;
  }

  /** Whether the state is the one that the tour's step set. */
  get onStep() {
    const { query, map } = this.#state;
    return Boolean(this.step) && (this.step.query ?? query) === query && (this.step.map ?? map) === map;
  }

  /** Whether the weights are kept back because the tour asks for a guess. */
  get hidden() {
    const { view, step } = this.#state;
    return view === "tutorial" && this.onStep && this.step.ask !== "" && !this.#revealed.has(step);
  }

  /** The tokens that have an arrow, the strongest first. */
  get drawn() {
    const decimals = this.data.grid ? DECIMALS.patch : DECIMALS.word;
    return this.hidden ? [] : pointed(row(this.map.weights, this.pair.query), this.#state.arrows, decimals);
  }

  /** @param {number} i */
  isRevealed(i) {
    return this.#revealed.has(i);
  }

  /** Shows what the tour's step keeps back. @param {Cause} [cause] */
  reveal(cause = "other") {
    if (this.#revealed.has(this.#state.step)) return;
    this.#revealed.add(this.#state.step);
    this.#tell(true, cause);
  }

  /** Goes to a step of the tour and sets what it names. @param {number} i */
  goTo(i) {
    const step = this.data.tour[i];
    if (!step) return;
    const { query, map } = this.#state;
    this.set({ view: "tutorial", step: i, query: step.query ?? query, map: step.map ?? map });
  }

  /**
   * Changes part of the state. What is out of range is brought into it; without a key, a new
   * query takes its strongest.
   * @param {Partial<State>} patch
   * @param {Cause} [cause]
   */
  set(patch, cause = "other") {
    const { data } = this;
    const old = this.#state;
    const next = { ...old };
    const within = (/** @type {unknown} */ x, /** @type {number} */ most, /** @type {number} */ otherwise) =>
      typeof x === "number" && Number.isInteger(x) ? Math.max(0, Math.min(x, most)) : otherwise;
    if (patch.view && this.views.includes(patch.view)) next.view = patch.view;
    next.query = within(patch.query, data.tokens.length - 1, old.query);
    next.map = within(patch.map, data.maps.length - 1, old.map);
    next.step = within(patch.step, Math.max(0, data.tour.length - 1), old.step);
    next.stage = within(patch.stage, STAGES.length - 1, old.stage);
    next.arrows = within(patch.arrows, this.mostArrows, old.arrows);
    const key = next.query === old.query ? old.key : this.#top(next.map, next.query);
    next.key = within(patch.key, data.tokens.length - 1, key);
    const changed = /** @type {Array<keyof State>} */ (Object.keys(next)).some((k) => next[k] !== old[k]);
    this.#state = next;
    this.#peek = null;
    if (cause === "token" && next.query === old.query && this.hidden) return this.reveal(cause);
    this.#tell(changed, cause);
  }

  /**
   * The state as parameters of an address; null for what a reader of the address would guess.
   * @returns {Record<keyof State, string | null>}
   */
  get link() {
    const [now, start] = [this.#state, this.#start];
    const { view, step } = now;
    const moved = now !== start && JSON.stringify(now) !== JSON.stringify(start);
    const when = (/** @type {boolean} */ told, /** @type {string | number} */ value) => (told ? String(value) : null);
    return {
      view: when(moved, view),
      query: when(moved, now.query),
      map: when(moved, now.map),
      key: when(now.key !== this.#top(now.map, now.query) && view !== "tutorial", now.key),
      step: when(view === "tutorial" && step > 0, step),
      stage: when(view === "steps" && now.stage > 0, now.stage),
      arrows: when(now.arrows !== start.arrows, now.arrows),
    };
  }

  /** Sets the state that an address names; what it leaves out is as at the start. @param {Partial<State>} named */
  restore(named) {
    this.set({ ...this.#start });
    if (named.step !== undefined && this.views[0] === "tutorial") this.goTo(named.step);
    this.set({ map: named.map, view: named.view });
    this.set({ ...named, key: named.key ?? this.#top(this.#state.map, named.query ?? this.#state.query) });
  }

  /** Shows a pair for as long as the pointer is on it. @param {Partial<Pair> | null} pair */
  peekAt(pair) {
    const { query, key } = this.#state;
    const next = pair && { query: pair.query ?? query, key: pair.key ?? key };
    if (next?.query === this.#peek?.query && next?.key === this.#peek?.key) return;
    this.#peek = next;
    this.#tell(false, "other");
  }

  /** @param {(changed: boolean, cause: Cause) => void} listener */
  subscribe(listener) {
    this.#listeners.push(listener);
  }

  /**
   * @param {boolean} changed
   * @param {Cause} cause
   */
  #tell(changed, cause) {
    for (const listener of this.#listeners) listener(changed, cause);
  }

  /**
   * @param {number} map
   * @param {number} query
   */
  #top(map, query) {
    if (!(query in this.data.tokens)) return 0;
    return strongest(row(this.data.maps[map].weights, query), 1)[0];
  }
}

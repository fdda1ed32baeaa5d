// The one place that knows what is on screen. Parts of the explorer read it, ask it to
// change, and are told when it did.

import { begin, mostArrows, topKey, usualArrows } from "./begin.js";
import { pointed, row, sides } from "./data.js";
import { differences, Keeper } from "./keeper.js";
import { LOOKS } from "./looks.js";
import { boardOf, headsOf, layersOf, mapAt, mapOf, named, sameLabels, sameMaps, samePlace } from "./maps.js";

/** @import { Data, Pair, State, Token, View } from "./types.js" */

export { MANY } from "./begin.js";
export const VIEWS = /** @type {View[]} */ (["tutorial", "steps", "matrix"]);
export const STAGES = /** @type {const} */ (["query", "keys", "scores", "scale", "softmax", "values", "output"]);
/** @typedef {(typeof STAGES)[number]} Stage */

/** Decimals of a weight in the picture and below a word. */
export const DECIMALS = { patch: 3, word: 4 };

/** Why something changed: the reader chose, other data are shown, or anything else. @typedef {"token" | "data" | "other"} Cause */

/** @extends {Keeper<State>} */
export class Store extends Keeper {
  /** @type {State} */ #start;
  /** @type {Token[]} */ #tokens = [];
  /** @type {Token[] | null} */ #given = null;
  /** @type {Pair | null} */ #peek = null;
  /** @type {Set<number>} */ #revealed = new Set();

  /** What the reader guessed, by step of the tour. @type {Map<number, number>} */
  guesses = new Map();
  /** Counts the data shown: parts that keep what they drew look at it. */
  revision = 0;

  /**
   * @param {Data} data
   * @param {Partial<State>} [first] what to begin with, other than the data say
   */
  constructor(data, first = {}) {
    super(begin(data, viewsOf(data)), []);
    this.data = data;
    this.#start = this.state;
    this.set(first);
    this.#start = this.state;
  }

  get views() {
    return viewsOf(this.data);
  }

  /** The picture or sentence that is shown. */
  get example() {
    return this.data.examples[this.state.example];
  }

  /** The tokens: the same list for as long as they have the same names. */
  get tokens() {
    const { tokens } = this.example;
    if (tokens !== this.#given && !sameLabels(tokens, this.#tokens)) this.#tokens = tokens;
    this.#given = tokens;
    return this.#tokens;
  }

  get map() {
    return this.example.maps[this.state.map];
  }

  /** Which tokens are shown, and in which grid. */
  get board() {
    return boardOf(this.example, this.map);
  }

  /** The layers there are; none where the maps have only names. */
  get layers() {
    return layersOf(this.example.maps);
  }

  /** The heads of the chosen layer, and what stands for all of them. */
  get heads() {
    return headsOf(this.example.maps, this.state.layer);
  }

  get step() {
    return this.data.tour[this.state.step];
  }

  get mostArrows() {
    return mostArrows(this.data, this.state.example);
  }

  /** The pair to show: the one under the pointer, or else the chosen one. @returns {Pair} */
  get pair() {
    return this.#peek ?? { query: this.state.query, key: this.state.key };
  }

  /** Whether one key is looked at, under the pointer or through the calculation. */
  get following() {
    const calm = this.data.compact || this.state.view === "tutorial";
    return !this.hidden && (this.peeking || !calm);
  }

  get peeking() {
    return this.#peek !== null;
  }

  /** Whether the state is the one that the tour's step set. */
  get onStep() {
    const { step } = this;
    const same = (/** @type {"example" | "query" | "map"} */ part) => (step[part] ?? this.state[part]) === this.state[part];
    return Boolean(step) && same("example") && same("query") && same("map");
  }

  /** Whether the weights are kept back because the tour asks for a guess. */
  get hidden() {
    const { view, step } = this.state;
    return view === "tutorial" && this.onStep && this.step.ask !== "" && !this.#revealed.has(step);
  }

  /** The tokens that have an arrow, the strongest first. */
  get drawn() {
    const decimals = this.example.grid ? DECIMALS.patch : DECIMALS.word;
    return this.hidden ? [] : pointed(row(this.map.weights, this.pair.query), this.state.arrows, decimals);
  }

  /** @param {number} i */
  isRevealed(i) {
    return this.#revealed.has(i);
  }

  /** Shows what the tour's step keeps back. @param {Cause} [cause] */
  reveal(cause = "other") {
    if (this.#revealed.has(this.state.step)) return;
    this.#revealed.add(this.state.step);
    this.tell(["step"], true, cause); // which shows more now
  }

  /** Goes to a step of the tour and sets what it names. @param {number} i */
  goTo(i) {
    const step = this.data.tour[i];
    if (!step) return;
    const { example, query, map } = this.state;
    this.set({
      view: "tutorial",
      step: i,
      example: step.example ?? example,
      query: step.query ?? query,
      map: step.map ?? map,
    });
  }

  /**
   * Changes part of the state. What is out of range is brought into it; without a key, a new
   * query takes its strongest.
   * @param {Partial<State>} patch
   * @param {Cause} [cause]
   */
  set(patch, cause = "other") {
    const { data } = this;
    const old = this.state;
    const next = { ...old };
    if (patch.view && this.views.includes(patch.view)) next.view = patch.view;
    if (patch.look && LOOKS.includes(patch.look)) next.look = patch.look;
    next.example = within(patch.example, data.examples.length - 1, old.example);
    const { maps, tokens } = data.examples[next.example];
    const last = tokens.length - 1;
    next.map = mapOf(maps, mapAt(maps, patch, old), patch.query);
    Object.assign(next, named(maps[next.map]));
    const { queries, keys } = sides(maps[next.map]);
    next.query = between(patch.query, queries, clamped(this.#stay(next, last), queries));
    next.step = within(patch.step, Math.max(0, data.tour.length - 1), old.step);
    next.stage = within(patch.stage, STAGES.length - 1, old.stage);
    const asBefore = next.query === old.query && next.example === old.example && isIn(old.key, keys);
    // A token that asks nothing here is one to be asked.
    const asked = isIn(patch.query, [0, last]) && !isIn(patch.query, queries) ? patch.query : undefined;
    next.key = between(patch.key ?? asked, keys, asBefore ? old.key : topKey(this.data, next));
    const unasked = old.arrows === usualArrows(data, old.example);
    next.arrows = within(patch.arrows, mostArrows(data, next.example), unasked ? usualArrows(data, next.example) : old.arrows);
    next.arrows = Math.min(next.arrows, mostArrows(data, next.example));
    this.#peek = null;
    const again = cause === "token" && next.query === old.query;
    this.change(next, { cause });
    if (again && this.hidden) this.reveal(cause);
  }

  /** The query as it was, or the one in its place. @param {State} next @param {number} last */
  #stay({ example, map }, last) {
    const [old, shown] = [this.state, this.data.examples[example]];
    if (example !== old.example) return old.query <= last ? old.query : this.data.query;
    return samePlace(shown, shown.maps[map], old.query, this.board);
  }

  /** Shows other data and keeps the state where it still fits. @param {Data} data */
  show(data) {
    const [was, old] = [this.data, this.state];
    const unasked = old.arrows === usualArrows(was, old.example);
    this.data = data;
    this.revision += 1;
    if (data.tour !== was.tour) {
      this.#revealed.clear();
      this.guesses.clear();
    }
    const next = (this.#start = begin(data, this.views));
    const same = sameMaps(data, was);
    const example = Math.min(old.example, data.examples.length - 1);
    const { maps, tokens } = data.examples[example];
    const map = same ? old.map : mapAt(maps, { layer: old.layer, head: old.head }, { ...next, map: Math.min(next.map, maps.length - 1) });
    const view = this.views.includes(old.view) ? old.view : next.view;
    const step = Math.min(old.step, Math.max(0, data.tour.length - 1));
    const query = old.query < tokens.length ? old.query : next.query;
    const state = { ...old, view, example, map, step, query, ...named(maps[map]) };
    const key = query === old.query && old.key < tokens.length ? old.key : topKey(this.data, state);
    const arrows = unasked ? usualArrows(data, example) : Math.min(old.arrows, mostArrows(data, example));
    const peek = this.#peek;
    if (peek && Math.max(peek.query, peek.key) >= tokens.length) this.#peek = null;
    this.change({ ...state, key, arrows }, { cause: "data" });
  }

  /**
   * The state as parameters of an address; null for what a reader of the address would guess.
   * @returns {Record<keyof State, string | null>}
   */
  get link() {
    const [now, start] = [this.state, this.#start];
    const { view, step } = now;
    const moved = differences(now, start).length > 0;
    const when = (/** @type {boolean} */ told, /** @type {string | number | null} */ value) => (told ? String(value) : null);
    return {
      view: when(moved, view),
      example: when(moved && this.data.examples.length > 1, now.example),
      query: when(moved, now.query),
      layer: when(moved && now.layer !== null, now.layer),
      head: when(moved && now.layer !== null, now.head),
      map: when(moved && now.layer === null, now.map),
      key: when(now.key !== topKey(this.data, now) && view !== "tutorial", now.key),
      step: when(view === "tutorial" && step > 0, step),
      stage: when(view === "steps" && now.stage > 0, now.stage),
      arrows: when(now.arrows !== usualArrows(this.data, now.example), now.arrows),
      look: when(now.look !== LOOKS[0], now.look),
    };
  }

  /** Sets the state that an address names; what it leaves out is as at the start. @param {Partial<State>} given */
  restore(given) {
    this.set({ ...this.#start });
    if (given.step !== undefined && this.views[0] === "tutorial") this.goTo(given.step);
    const { example, map, layer, head, view, query, arrows, look } = given;
    this.set({ example, map, layer, head, view, query, arrows, look });
    this.set({ step: given.step, stage: given.stage, key: given.key ?? topKey(this.data, this.state) });
  }

  /** Shows a pair for as long as the pointer is on it. @param {Partial<Pair> | null} pair */
  peekAt(pair) {
    const { query, key } = this.state;
    const { queries, keys } = sides(this.map);
    const there = pair && isIn(pair.query ?? query, queries) && isIn(pair.key ?? key, keys);
    const next = there ? { query: pair.query ?? query, key: pair.key ?? key } : null;
    if (next?.query === this.#peek?.query && next?.key === this.#peek?.key) return;
    this.#peek = next;
    this.tell([]);
  }
}

/** Without a tour there is no tutorial, and a small explorer has no room for one. @param {Data} data */
function viewsOf({ tour, compact }) {
  return tour.length && !compact ? VIEWS : VIEWS.slice(1);
}

/** A whole number brought between 0 and `most`; anything else gives `otherwise`. @param {unknown} x @param {number} most @param {number} otherwise */
function within(x, most, otherwise) {
  return between(x, [0, most], otherwise);
}

/** The same between two numbers. @param {unknown} x @param {number[]} ends @param {number} otherwise */
function between(x, ends, otherwise) {
  return typeof x === "number" && Number.isInteger(x) ? clamped(x, ends) : otherwise;
}

/** @param {unknown} x @param {number[]} ends */
function isIn(x, [least, most]) {
  return typeof x === "number" && x >= least && x <= most;
}

/** @param {number} x @param {number[]} ends */
function clamped(x, [least, most]) {
  return Math.max(least, Math.min(x, most));
}

// <attention-explorer src="….json">: the element that holds the parts together.
//
// It lives in the light DOM, not in a shadow root: the static fallback it replaces and the
// parts it makes share one stylesheet that is there before any script, so nothing shifts;
// the page's custom properties, print, find-in-page, translation and axe see it as page text.

import { arrows } from "./arrows.js";
import { attract } from "./attract.js";
import { board } from "./board.js";
import { load, row } from "./data.js";
import { html } from "./dom.js";
import { matrix } from "./matrix.js";
import { live, readout } from "./readout.js";
import { steps } from "./steps.js";
import { Store } from "./store.js";
import { strings } from "./strings.js";
import { maps, tabs } from "./tabs.js";
import { tutorial } from "./tutorial.js";
import { Address } from "./url.js";

/** @import { Data, State, View } from "./types.js" */

export class AttentionExplorer extends HTMLElement {
  /** @type {Store | null} */ #store = null;
  /** @type {Partial<State>} */ #wanted = {};
  #life = new AbortController();
  #address = new Address();
  #done = () => {};

  /** Settles when the explorer is on screen, or has said why it is not. @type {Promise<void>} */
  ready = new Promise((resolve) => (this.#done = resolve));

  /** What is on screen; setting a part of it changes that part. */
  get state() {
    return /** @type {State} */ (this.#store?.state ?? null);
  }

  set state(/** @type {Partial<State>} */ patch) {
    if (this.#store) this.#store.set(patch);
    else this.#wanted = { ...this.#wanted, ...patch };
  }

  /** The weights of the chosen query, one a token. */
  get weights() {
    const store = this.#store;
    return store ? Float32Array.from(row(store.map.weights, store.state.query)) : new Float32Array();
  }

  connectedCallback() {
    this.#life = new AbortController();
    this.#start(this.#life.signal).catch((error) => {
      if (error.name !== "AbortError") this.#fail(error);
    }).finally(() => this.#done());
  }

  disconnectedCallback() {
    this.#life.abort();
    this.#address.release();
  }

  /** @param {AbortSignal} signal */
  async #start(signal) {
    const data = await load(new URL(this.getAttribute("src") ?? "", document.baseURI).href, signal);
    if (signal.aborted) return;
    this.toggleAttribute("url", this.hasAttribute("url") || data.url);
    data.compact ||= this.hasAttribute("compact");
    this.toggleAttribute("compact", data.compact);
    this.#build(data, signal);
  }

  /** @param {Data} data @param {AbortSignal} signal */
  #build(data, signal) {
    const start = this.#attributes(data);
    // Without its tabs there is no tutorial that could keep the weights back.
    const stops = [...new Set(data.tour.flatMap(({ query }) => (query === null ? [] : [query])))];
    const store = new Store({ ...data, ...start, tour: data.compact ? [] : data.tour }, start.view);
    const linked = this.hasAttribute("url") && this.#address.claim();
    if (linked) store.restore(this.#address.read());
    store.set(this.#wanted);
    this.#store = store;

    const tokens = board(store);
    const over = arrows(store, tokens.cells);
    const numbers = readout(store);
    const said = live(store);
    const picker = maps(store);
    const views = data.compact ? null : this.#views(store);
    const stage = html("div", { class: "vx-board" }, tokens.element, over.element);
    const rounds = [data.rounds, stops].find((list) => list.length > 1) ?? [...data.tokens.keys()];
    const parts = views
      ? [views.tabs.element, picker.element, stage, views.element, numbers.element]
      : [stage, attract(store, this, rounds, signal), numbers.element, picker.element];
    const kind = data.grid ? "vx-picture" : "vx-words";
    const name = { role: "group", "aria-label": data.title, style: `--tokens:${data.tokens.length}` };
    const root = html("div", { class: `vx-root ${kind}${data.compact ? " vx-compact" : ""}`, ...name }, ...parts, said.element);

    const draw = (/** @type {boolean} */ changed) => {
      tokens.update();
      over.update();
      numbers.update();
      if (changed) picker.update();
      views?.update(changed);
    };
    let last = store.state;
    store.subscribe((changed, cause) => {
      draw(changed);
      said.update(cause);
      if (!changed) return;
      if (linked) this.#address.write(store.link);
      if (store.state.view !== last.view) views?.resize();
      last = store.state;
      this.dispatchEvent(new CustomEvent("statechange", { detail: last, bubbles: true }));
    });
    this.replaceChildren(root);
    draw(true);
    const back = () => this.#address.mine && store.restore(this.#address.read());
    if (linked) window.addEventListener("popstate", back, { signal });
    signal.addEventListener("abort", () => views?.stop());
    this.#watch(root, signal, over.measure, () => views?.resize());
  }

  /** @param {Store} store */
  #views(store) {
    const calculation = steps(store);
    const all = matrix(store);
    const tour = store.data.tour.length ? tutorial(store) : null;
    const panels = { ...(tour && { tutorial: tour.element }), steps: calculation.element, matrix: all.element };
    const list = tabs(store, panels);
    const shown = { tutorial: tour, steps: calculation, matrix: all };
    return {
      tabs: list,
      element: html("div", { class: "vx-right" }, ...Object.values(panels)),
      update(/** @type {boolean} */ changed) {
        if (changed) list.update();
        shown[store.state.view]?.update();
      },
      resize() {
        if (store.state.view === "matrix") all.resize();
        if (store.state.view === "tutorial") tour?.resize();
      },
      stop: calculation.stop,
    };
  }

  /**
   * Measures and paints again when the room, the fonts or the theme change.
   * @param {HTMLElement} root
   * @param {AbortSignal} signal
   * @param {() => void} measure
   * @param {() => void} resize
   */
  #watch(root, signal, measure, resize) {
    const both = () => {
      measure();
      resize();
    };
    const room = new ResizeObserver(both);
    for (const element of [root, ...root.querySelectorAll(".vx-tokens")]) room.observe(element);
    const theme = new MutationObserver(resize);
    for (const element of [document.documentElement, document.body]) {
      theme.observe(element, { attributes: true, attributeFilter: ["data-md-color-scheme", "class", "style"] });
    }
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", resize, { signal });
    window.addEventListener("beforeprint", both, { signal });
    document.fonts?.ready.then(() => signal.aborted || both());
    signal.addEventListener("abort", () => {
      room.disconnect();
      theme.disconnect();
    });
  }

  /** The start that the tag's own attributes ask for. @param {Data} data */
  #attributes(data) {
    const whole = (/** @type {string} */ name, /** @type {number} */ size, /** @type {number} */ otherwise) => {
      const value = Number(this.getAttribute(name) ?? otherwise);
      return Number.isInteger(value) && value >= 0 && value < size ? value : otherwise;
    };
    return {
      query: whole("query", data.tokens.length, data.query),
      map: whole("map", data.maps.length, data.map),
      view: /** @type {View | null} */ (this.getAttribute("view")),
    };
  }

  /** Says what went wrong, above the static picture and table. @param {Error} error */
  #fail(error) {
    this.querySelector(".vx-error")?.remove();
    this.prepend(html("p", { class: "vx-error", role: "alert" }, strings.failed(error.message)));
  }
}

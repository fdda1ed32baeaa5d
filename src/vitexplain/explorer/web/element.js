// <attention-explorer src="….json">: the element that holds the parts together.
//
// It lives in the light DOM, not in a shadow root: the static fallback it replaces and the
// parts it makes share one stylesheet that is there before any script, so nothing shifts;
// the page's custom properties, print, find-in-page, translation and axe see it as page text.

import { load, row, unpacked } from "./data.js";
import { html } from "./dom.js";
import { sameMaps } from "./maps.js";
import { parts } from "./parts.js";
import { Store } from "./store.js";
import { strings } from "./strings/explorer.js";
import { Address } from "./url.js";

/** @import { Cause } from "./store.js" */
/** @import { Data, State } from "./types.js" */

export class AttentionExplorer extends HTMLElement {
  /** @type {Store | null} */ #store = null;
  /** @type {ReturnType<typeof parts> | null} */ #parts = null;
  /** The data whose maps and tour the parts were made for. @type {Data | null} */ #built = null;
  /** @type {Partial<State>} */ #wanted = {};
  /** @type {Data | null} */ #data = null;
  #life = new AbortController(); // in the page
  #body = new AbortController(); // of the parts
  #address = new Address();
  #linked = false;
  #moved = false;
  #done = () => {};

  /** Settles when the explorer is on screen, or has said why it is not. @type {Promise<void>} */
  ready = new Promise((resolve) => (this.#done = resolve));

  /** What is on screen; setting a part of it changes that part. */
  get state() {
    return /** @type {State} */ (this.#store && { ...this.#store.state });
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

  /** What is shown: null until there is something. */
  get data() {
    return /** @type {Data} */ (this.#data);
  }

  /**
   * Shows other data at once and keeps the state where it still fits. With the same tokens and
   * maps nothing is made anew: only numbers, colours and arrows change.
   * @param {Pick<Data, "examples"> & Partial<Data>} given
   */
  show(given) {
    const data = { title: "", query: 0, map: 0, tour: [], rounds: [], url: false, compact: false, ...given };
    data.compact ||= this.hasAttribute("compact");
    this.#data = data;
    this.#moved = true;
    if (!this.isConnected) return;
    if (this.#store) this.#store.show(data);
    else this.#open(data);
    this.#done();
  }

  connectedCallback() {
    this.#life = new AbortController();
    if (this.#data) return this.#open(this.#data);
    const inside = this.querySelector(":scope > script");
    if (!this.hasAttribute("src") && !inside) return;
    const { signal } = this.#life;
    this.#load(inside, signal).catch((error) => {
      if (error.name !== "AbortError" && !signal.aborted && !this.#data) this.#fail(error);
    }).finally(() => this.#done());
  }

  disconnectedCallback() {
    if (this.#store) this.#wanted = this.#store.state; // to go on from, should it come back
    this.#store = null;
    this.#life.abort();
    this.#body.abort();
    this.#address.release();
  }

  /** @param {Element | null} inside the data, if the page holds them @param {AbortSignal} signal */
  async #load(inside, signal) {
    const address = () => new URL(this.getAttribute("src") ?? "", document.baseURI).href;
    const data = await (inside ? unpacked(inside.textContent ?? "") : load(address(), signal));
    if (signal.aborted || this.#data) return; // gone, or told to show something else meanwhile
    data.compact ||= this.hasAttribute("compact");
    this.#data = data;
    this.#open(data);
  }

  /** @param {Data} data */
  #open(data) {
    const { signal } = this.#life;
    this.toggleAttribute("url", this.hasAttribute("url") || data.url);
    this.toggleAttribute("compact", data.compact);
    const store = (this.#store = new Store(data, this.#attributes()));
    this.#linked = this.hasAttribute("url") && this.#address.claim();
    if (this.#linked) store.restore(this.#address.read());
    store.set(this.#wanted);
    this.#wanted = {};
    this.#assemble(store);
    store.subscribe(({ changed, cause }) => this.#change(changed.length > 0, /** @type {Cause} */ (cause)));
    const back = () => this.#address.mine && store.restore(this.#address.read());
    if (this.#linked) window.addEventListener("popstate", back, { signal });
  }

  /** @param {boolean} changed @param {Cause} cause */
  #change(changed, cause) {
    const store = /** @type {Store} */ (this.#store);
    if (cause === "data" && this.#built && !alike(store.data, this.#built)) this.#assemble(store);
    else if (this.#parts?.update(changed, cause)) this.#measure();
    if (!changed) return;
    if (this.#linked) this.#address.write(store.link);
    this.dispatchEvent(new CustomEvent("statechange", { detail: this.state, bubbles: true }));
  }

  /** Makes all parts anew. @param {Store} store */
  #assemble(store) {
    this.#body.abort();
    this.#body = new AbortController();
    this.#built = store.data;
    const made = parts(store, this, { wander: !this.#moved, signal: this.#body.signal });
    this.#parts = made;
    this.replaceChildren(made.root);
    made.update(true, "other");
    this.#measure();
    this.#watch();
  }

  #room = new ResizeObserver(() => this.#fit());
  #theme = new MutationObserver(() => this.#parts?.resize());

  /** Keeps an eye on the room of the parts that are there now. */
  #measure() {
    this.#room.disconnect();
    for (const element of this.querySelectorAll(".vx-root, .vx-tokens")) this.#room.observe(element);
  }

  /** Measures and paints again when the room, the fonts or the theme change. */
  #watch() {
    const { signal } = this.#body;
    for (const element of [document.documentElement, document.body]) {
      this.#theme.observe(element, { attributes: true, attributeFilter: ["data-md-color-scheme", "data-theme", "class", "style"] });
    }
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", this.#fit, { signal });
    window.addEventListener("beforeprint", this.#fit, { signal });
    document.fonts?.ready.then(() => signal.aborted || this.#fit());
    const made = this.#parts;
    signal.addEventListener("abort", () => {
      made?.stop();
      this.#room.disconnect();
      this.#theme.disconnect();
    });
  }

  #fit = () => {
    this.#parts?.measure();
    this.#parts?.resize();
  };

  /** The start that the tag's own attributes ask for. */
  #attributes() {
    /** @type {Record<string, unknown>} */
    const start = {};
    for (const name of ["example", "query", "layer", "head", "map"]) {
      const value = this.getAttribute(name);
      if (value !== null && value !== "") start[name] = /^\d+$/.test(value) ? Number(value) : value;
    }
    return /** @type {Partial<State>} */ ({ ...start, view: this.getAttribute("view") ?? undefined });
  }

  /** Says what went wrong, above the static picture and table. @param {Error} error */
  #fail(error) {
    this.querySelector(".vx-error")?.remove();
    this.prepend(html("p", { class: "vx-error", role: "alert" }, strings.failed(error.message)));
  }
}

/** Whether the parts made for one of them fit the other. @param {Data} a @param {Data} b */
function alike(a, b) {
  const tours = a.tour === b.tour || (a.tour.length === 0 && b.tour.length === 0);
  return tours && a.compact === b.compact && sameMaps(a, b);
}

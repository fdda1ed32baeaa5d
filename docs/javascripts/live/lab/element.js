// <live-lab>: a trained Vision Transformer on the reader's own picture, or a model of the reader's.

import { strings } from "../../strings/lab.js";
import { Latest } from "../latest.js";
import { LiveWidget } from "../widget.js";
import { desk } from "./desk.js";
import { isLight, Runs } from "./runs.js";
import { dataOf, lookOf } from "./show.js";
import { State } from "./state.js";

/** @import { AttentionExplorer } from "@vitexplain/explorer/element.js" */
/** @import { Model } from "../runtime.js" */
/** @import { Parts } from "../widget.js" */
/** @import { Answer, LabConfig, Place, Reader, Slot } from "./state.js" */

/** A model that is there, and a picture that is. @typedef {{reader: Reader & {model: Model}, place: Place & {seen: ImageData}}} Ready */

const PAUSE = 700; // ms without a change before the answer is announced

/** @extends {LiveWidget<LabConfig>} */
export class LiveLab extends LiveWidget {
  /** @type {State} */ #state = /** @type {any} */ (null);
  /** @type {AttentionExplorer} */ #explorer = /** @type {any} */ (null);
  /** @type {ReturnType<typeof desk>} */ #desk = /** @type {any} */ (null);
  #runs = new Runs();
  #latest = new Latest(() => this.#run(), (error) => this.#fail(error));
  /** @type {Answer | null} */ #now = null;
  /** @type {{kind: string, answer: Answer} | null} */ #beside = null;
  #layer = 0; // whose steps a large model brings along
  #over = true;
  #beginning = false; // the samples are put there, not by the reader
  #timer = 0;

  /** What the model sees: the chosen picture's pixels, four bytes each, before patches are hidden. */
  get pixels() {
    return this.#over ? null : (this.#state.place.seen?.data ?? null);
  }

  /** @param {Parts<LabConfig>} parts */
  build({ config, explorer, loader, signal }) {
    const state = new State(config);
    [this.#state, this.#explorer, this.#over] = [state, explorer, false];
    signal.addEventListener("abort", () => this.#end());
    const need = () => loader.need();
    this.#desk = desk({ host: this, config, state, explorer, need, signal });
    state.subscribe(({ changed }) => {
      if (changed.includes("models")) this.#runs.clear();
      this.#desk.draw();
      if (changed.every((field) => field === "mode")) return;
      if (!this.#beginning) need().catch(() => {}); // the loader says what is wrong
      this.#latest.ask(null);
    });
    this.prepend(loader.element, ...this.#desk.elements);
    this.classList.add("vxl-built");
    explorer.addEventListener("statechange", () => this.#look(), { signal });
    this.#desk.draw();
    this.#paint();
    this.#begin();
    return (/** @type {Record<string, Model>} */ models) => state.take(models);
  }

  /** Puts the first two samples in their places, unless the reader was quicker. */
  async #begin() {
    const [state, desk] = [this.#state, this.#desk];
    for (const [i, slot] of /** @type {Slot[]} */ (["a", "b"]).entries()) {
      const picture = await desk.sample(i);
      if (this.#over || state.placeOf(slot).picture) picture.close();
      else {
        this.#beginning = true;
        state.put({ [slot]: picture });
        this.#beginning = false;
      }
    }
  }

  /** Another layer, head or query is looked at. */
  #look() {
    this.#paint();
    const { view, layer } = lookOf(this.#explorer);
    if (view !== "steps" || layer === null || layer === this.#layer) return;
    this.#layer = layer;
    if (!isLight(this.#state.about)) this.#latest.ask(null);
  }

  /** Asks the model about the picture, then about what stands beside it. */
  async #run() {
    const { beside, model, slot } = this.#state.state;
    const ready = this.#ready(this.#state.reader, this.#state.place);
    if (!ready) return;
    const kind = `${beside} ${model} ${slot}`;
    this.classList.add("vxl-lab-busy");
    try {
      const now = await this.#ask(ready);
      if (this.#over) return;
      this.#now = now;
      if (this.#beside?.kind !== kind) this.#beside = null;
      this.#explorer.show(dataOf(now));
      this.#desk.ran(ready.reader.model.milliseconds);
      this.#paint();
      const answer = await this.#other(ready);
      if (this.#over) return;
      this.#beside = answer && { kind, answer };
      this.#paint();
      this.#desk.fail("");
      this.#announce();
    } finally {
      this.classList.remove("vxl-lab-busy");
    }
  }

  /** @param {Error} error */
  #fail({ name, message }) {
    // Left and come back to by the browser's own button: the runtime went with the page.
    if (!this.#over) this.#desk.fail(name === "AbortError" ? strings.left : strings.stopped(message));
  }

  /** What stands beside the answer. @param {Ready} ready @returns {Promise<Answer | null>} */
  async #other({ reader, place }) {
    const { twin, other, state: { beside } } = this.#state;
    if (beside === "before") return this.#ask({ reader: { ...reader, off: new Set() }, place: { ...place, hidden: new Set() } });
    const ready = beside === "model" ? this.#ready(this.#state.readerOf(twin), place) : this.#ready(reader, other);
    return ready && this.#ask(ready);
  }

  /** @param {Ready} ready */
  #ask({ reader, place }) {
    return this.#runs.answer(reader, place, this.#layer);
  }

  /** As they are now, where both are there. @param {Reader} reader @param {Place} place @returns {Ready | null} */
  #ready(reader, place) {
    if (this.#over || !reader.model || !place.seen) return null;
    return /** @type {Ready} */ ({ reader: { ...reader }, place: { ...place } });
  }

  #paint() {
    this.#desk.paint(this.#now, this.#beside?.answer ?? null);
  }

  #announce() {
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => {
      const said = this.#now && this.#desk.best(this.#now);
      if (said) this.#desk.tell(said);
    }, PAUSE);
  }

  #end() {
    this.#over = true;
    clearTimeout(this.#timer);
    this.#runs.clear();
    this.#state.close();
  }
}

// <live-lab>: a trained Vision Transformer on the reader's own picture, or a model of the reader's.

import { write } from "@vitexplain/explorer/dom.js";
import { strings } from "../../strings/lab.js";
import { alert, status } from "../controls.js";
import { Latest } from "../latest.js";
import { LiveWidget } from "../widget.js";
import { desk } from "./desk.js";
import { isLight, Runs } from "./runs.js";
import { dataOf, lookOf } from "./show.js";
import { State } from "./state.js";

/** @import { Model } from "../runtime.js" */
/** @import { Parts } from "../widget.js" */
/** @import { Answer, LabConfig, Place, Reader, Slot } from "./state.js" */

/** A model that is there, and a picture that is. @typedef {{reader: Reader & {model: Model}, place: Place & {seen: ImageData}}} Ready */

const PAUSE = 700; // ms without a change before the answer is announced

/** @extends {LiveWidget<LabConfig>} */
export class LiveLab extends LiveWidget {
  /** @type {() => ImageData | null} */ #seen = () => null;

  /** What the model sees: the chosen picture's pixels, four bytes each, before patches are hidden. */
  get pixels() {
    return this.#seen()?.data ?? null;
  }

  /** @param {Parts<LabConfig>} parts */
  build({ config, explorer, loader, signal }) {
    for (const one of config.samples) one.image = this.near(one.image);
    for (const one of config.offers ?? []) one.url = this.near(one.url);
    const state = new State(config);
    const runs = new Runs();
    /** @type {Answer | null} */ let now = null;
    /** @type {{kind: string, answer: Answer} | null} */ let other = null;
    let wanted = 0; // the layer whose steps a large model brings along
    let beginning = false; // the samples are put there, not by the reader
    let timer = 0;
    this.#seen = () => (signal.aborted ? null : state.place.seen);
    const need = () => loader.need();
    const table = desk({ host: this, config, state, explorer, need, signal });
    const [problem, said] = [alert(), status()];
    this.prepend(loader.element, ...table.elements, problem, said);
    this.classList.add("vxl-built");
    const paint = () => table.result.update(now, other?.answer ?? null);
    const latest = new Latest(async () => {
      this.classList.add("vxl-lab-busy");
      await answer().finally(() => this.classList.remove("vxl-lab-busy"));
    }, ({ name, message }) => {
      // Left and come back to by the browser's own button: the runtime went with the page.
      if (!signal.aborted) write(problem, name === "AbortError" ? strings.left : strings.stopped(message));
    });

    /** Asks the model about the picture, then about what stands beside it. */
    async function answer() {
      const { beside, model, slot } = state.state;
      const asked = ready(state.reader, state.place);
      if (!asked) return;
      const kind = `${beside} ${model} ${slot}`;
      now = await run(asked);
      if (signal.aborted) return;
      if (other?.kind !== kind) other = null;
      explorer.show(dataOf(now));
      table.ran(asked.reader.model.milliseconds);
      paint();
      const second = await besides(asked);
      if (signal.aborted) return;
      other = second && { kind, answer: second };
      paint();
      write(problem, "");
      announce();
    }

    /** @param {Ready} asked */
    const run = ({ reader, place }) => runs.answer(reader, place, wanted);

    /** What stands beside the answer. @param {Ready} asked @returns {Promise<Answer | null>} */
    async function besides({ reader, place }) {
      const { twin, other: another, state: { beside } } = state;
      if (beside === "before") return run({ reader: { ...reader, off: new Set() }, place: { ...place, hidden: new Set() } });
      const asked = beside === "model" ? ready(state.readerOf(twin), place) : ready(reader, another);
      return asked && run(asked);
    }

    /** As they are now, where both are there. @param {Reader} reader @param {Place} place @returns {Ready | null} */
    function ready(reader, place) {
      if (signal.aborted || !reader.model || !place.seen) return null;
      return /** @type {Ready} */ ({ reader: { ...reader }, place: { ...place } });
    }

    function announce() {
      clearTimeout(timer);
      timer = window.setTimeout(() => {
        const best = now && table.result.best(now);
        if (best) write(said, best);
      }, PAUSE);
    }

    /** Puts the first two samples in their places, unless the reader was quicker. */
    async function begin() {
      for (const [i, slot] of /** @type {Slot[]} */ (["a", "b"]).entries()) {
        const picture = await table.sample(i);
        if (signal.aborted || state.placeOf(slot).picture) picture.close();
        else {
          beginning = true;
          state.put({ [slot]: picture });
          beginning = false;
        }
      }
    }

    state.subscribe(({ changed }) => {
      if (changed.includes("models")) runs.clear();
      table.draw();
      if (changed.every((field) => field === "mode")) return;
      if (!beginning) need().catch(() => {}); // the loader says what is wrong
      latest.ask(null);
    });
    // Another layer, head or query is looked at.
    explorer.addEventListener("statechange", () => {
      paint();
      const { view, layer } = lookOf(explorer);
      if (view !== "steps" || layer === null || layer === wanted) return;
      wanted = layer;
      if (!isLight(state.about)) latest.ask(null);
    }, { signal });
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      runs.clear();
      state.close();
    });
    table.draw();
    paint();
    begin();
    return (/** @type {Record<string, Model>} */ models) => state.take(models);
  }
}

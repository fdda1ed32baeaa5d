// What live widgets share: their data, the explorer they hold, the loader, and an end.

import { AttentionExplorer } from "@vitexplain/explorer/element.js";
import { html } from "@vitexplain/explorer/dom.js";
import { strings } from "../strings/runtime.js";
import { Loader } from "./load.js";

/** @import { Source } from "./load.js" */
/** @import { Model } from "./runtime.js" */

/** Addresses are relative to the page. @typedef {{models: Record<string, Source>}} Config */

/** @typedef {(models: Record<string, Model>) => void} Start */

/** @template {Config} T @typedef {{config: T, explorer: AttentionExplorer, loader: Loader<any>, signal: AbortSignal}} Parts */

/**
 * A widget builds itself around the explorer that stands in its place already, with the state
 * that Python computed; it changes what the explorer shows once its models are there.
 * @template {Config} T
 */
export class LiveWidget extends HTMLElement {
  #life = new AbortController();
  #done = () => {};

  /** Settles when the widget is on screen, or has said why it is not. @type {Promise<void>} */
  ready = new Promise((resolve) => (this.#done = resolve));

  connectedCallback() {
    this.#life = new AbortController();
    this.#start(this.#life.signal)
      .catch((error) => {
        if (error.name === "AbortError") return;
        this.prepend(html("p", { class: "vx-error", role: "alert" }, strings.failed(error.message)));
      })
      .finally(() => this.#done());
  }

  disconnectedCallback() {
    this.#life.abort();
  }

  /** The address of a file that the widget's data name, or of those data. */
  near(path = "") {
    const data = new URL(this.getAttribute("src") ?? "", document.baseURI);
    return new URL(path, data).href;
  }

  /** @param {AbortSignal} signal */
  async #start(signal) {
    const response = await fetch(this.near(), { signal });
    if (!response.ok) throw new Error(strings.noFile(response.status));
    /** @type {T} */
    const config = await response.json();
    for (const source of Object.values(config.models)) source.url = this.near(source.url);
    const explorer = this.querySelector("attention-explorer");
    await customElements.whenDefined("attention-explorer");
    if (!(explorer instanceof AttentionExplorer)) throw new Error("no explorer");
    await explorer.ready;
    if (signal.aborted) return;
    let start = (/** @type {Record<string, Model>} */ _) => {};
    const loader = new Loader(config.models, (models) => start(models));
    signal.addEventListener("abort", () => loader.end());
    start = await this.build({ config, explorer, loader, signal });
    loader.warm(this);
  }

  /**
   * Builds the widget: controls and the loader's element beside the explorer. What it returns is
   * told once, when the models are there.
   * @param {Parts<T>} parts
   * @returns {Start | Promise<Start>}
   */
  build(parts) {
    throw new Error(`${this.localName} builds nothing from ${Object.keys(parts)}`);
  }
}

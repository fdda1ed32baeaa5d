// The part of a live widget that loads its models: an offer with its size, then a bar with bytes.

import { button, html, write } from "@vitexplain/explorer/dom.js";
import { strings } from "../strings/runtime.js";
import { megabytes } from "./files.js";
import { Model, possible, RUNTIME_BYTES } from "./runtime.js";

/** @import { Progress } from "./protocol.js" */

/** A model's address and size. @typedef {{url: string, bytes: number}} Source */
/** @template {string} Name @typedef {Record<Name, Model>} Models */

const NEAR = "600px 0px"; // how far off a widget is when its models are fetched ahead
const MOVES = ["pointerdown", "pointermove", "keydown", "scroll", "touchstart"];

/** @template {string} Name */
export class Loader {
  /** @type {Promise<Models<Name>> | null} */ #loading = null;
  #button = button("vxl-start vx-primary", "", () => this.need().catch(() => {}));
  #bar = html("progress", { max: 1, value: 0, class: "vxl-bar" });
  #bytes = html("span", { class: "vxl-bytes" });
  #said = html("p", { class: "vxl-said", role: "status" });
  #wait;
  #life = new AbortController();

  /**
   * @param {Record<Name, Source>} sources
   * @param {(models: Models<Name>) => void} ready told once, when all models are there
   */
  constructor(sources, ready) {
    this.sources = sources;
    this.ready = ready;
    const offer = html("p", { class: "vxl-offer" }, strings.offer);
    this.#button.textContent = strings.start(strings.size(megabytes(this.total, 1)));
    this.#wait = html("div", { class: "vxl-wait", hidden: true }, this.#bar, this.#bytes);
    this.element = html("div", { class: "vxl-loader" }, this.#button, offer, this.#wait, this.#said);
    if (!possible()) this.#fail(new Error(strings.noWasm), false);
  }

  /** Bytes in all. */
  get total() {
    const sources = /** @type {Source[]} */ (Object.values(this.sources));
    return sources.reduce((sum, { bytes }) => sum + bytes, RUNTIME_BYTES);
  }

  /** Loads the models ahead when the widget comes near, after the reader's first move. @param {Element} host */
  warm(host) {
    const connection = /** @type {any} */ (navigator).connection;
    const dear = connection?.saveData || /2g/.test(connection?.effectiveType ?? "");
    if (dear || !possible()) return;
    const { signal } = this.#life;
    const near = new IntersectionObserver((entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      near.disconnect();
      this.need().catch(() => {});
    }, { rootMargin: NEAR });
    signal.addEventListener("abort", () => near.disconnect());
    const moved = new AbortController();
    signal.addEventListener("abort", () => moved.abort());
    for (const move of MOVES) {
      addEventListener(move, () => (moved.abort(), near.observe(host)), { signal: moved.signal, passive: true });
    }
  }

  /** The models: loaded now, unless they are there or on their way. @returns {Promise<Models<Name>>} */
  need() {
    this.#loading ??= this.#load().catch((error) => {
      this.#loading = null;
      if (error.name !== "AbortError") this.#fail(error, true);
      throw error;
    });
    return this.#loading;
  }

  /** Frees everything. */
  async end() {
    this.#life.abort();
    const models = await this.#loading?.catch(() => null);
    for (const model of Object.values(models ?? {})) await /** @type {Model} */ (model).close();
  }

  async #load() {
    if (!possible()) throw new Error(strings.noWasm);
    this.#button.hidden = true;
    this.#wait.hidden = false;
    write(this.#said, strings.loading.runtime);
    /** @type {Map<string, number>} */
    const loaded = new Map();
    const progress = (/** @type {string} */ name) => (/** @type {Progress} */ now) => {
      loaded.set(now.what === "runtime" ? "" : name, now.loaded);
      const sum = [...loaded.values()].reduce((a, b) => a + b, 0);
      this.#bar.value = Math.min(1, sum / this.total);
      this.#bytes.textContent = strings.megabytes(megabytes(sum, 1), megabytes(this.total, 1));
      write(this.#said, sum < this.total ? strings.loading[now.what] : strings.opening);
    };
    const { signal } = this.#life;
    const names = /** @type {Name[]} */ (Object.keys(this.sources));
    const opened = await Promise.all(
      names.map(async (name) => {
        const { url, bytes } = this.sources[name];
        return /** @type {const} */ ([name, await Model.open(url, { bytes, signal, progress: progress(name) })]);
      }),
    );
    const models = /** @type {Models<Name>} */ (Object.fromEntries(opened));
    this.element.classList.add("vxl-ready");
    this.#wait.hidden = true;
    write(this.#said, strings.ready);
    this.ready(models);
    return models;
  }

  /** @param {Error} error @param {boolean} again whether it is worth another try */
  #fail(error, again) {
    this.#wait.hidden = true;
    this.#button.hidden = !again;
    this.#button.textContent = strings.again;
    this.element.classList.add("vxl-failed");
    write(this.#said, strings.failed(error.message));
  }
}

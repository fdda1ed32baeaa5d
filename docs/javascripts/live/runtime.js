// Models that run in the page: the page's side of the worker that holds ONNX Runtime.

import { strings } from "../strings/runtime.js";
import { bytesOf, Problem } from "./files.js";
import { aboutOf } from "./header.js";

/** @import { About, Progress, Tensor } from "./protocol.js" */

// Both are put in when the site is bundled; see web/bundle.mjs.
const WORKER = /** @type {string} */ (/** @type {any} */ (import.meta).worker);
const WASM = /** @type {{url: string, bytes: number}} */ (/** @type {any} */ (import.meta).wasm);

/** Bytes that a first model needs besides itself. */
export const RUNTIME_BYTES = WASM.bytes;

/** @typedef {(progress: Progress) => void} Tell */
/** @typedef {{resolve: (answer: any) => void, reject: (error: Error) => void, tell: (loaded: number) => void}} Call */

/** The worker, and what is asked of it. One for the page; it goes when no model is open. */
class Runtime {
  /** @type {Worker} */ #worker;
  /** @type {Map<number, Call>} */ #calls = new Map();
  #asked = 0;
  /** @type {Error | null} */ #over = null;
  models = 0;

  /** @param {Tell} tell */
  constructor(tell) {
    const url = new URL(WORKER, import.meta.url);
    this.#worker = new Worker(url, { type: "module" });
    this.#worker.addEventListener("message", ({ data }) => this.#hear(data));
    this.#worker.addEventListener("error", (event) => {
      event.preventDefault();
      this.end(new Problem(strings.stopped(event.message ?? "")));
    });
    const wasm = new URL(WASM.url, import.meta.url).href;
    const said = (/** @type {number} */ loaded) => tell({ what: "runtime", loaded, total: WASM.bytes });
    this.started = this.ask({ kind: "start", wasm }, said);
  }

  /**
   * @param {Record<string, any>} request
   * @param {(loaded: number) => void} [tell]
   * @param {Transferable[]} [transfer]
   * @returns {Promise<any>}
   */
  ask(request, tell = () => {}, transfer = []) {
    if (this.#over) return Promise.reject(this.#over);
    const id = ++this.#asked;
    return new Promise((resolve, reject) => {
      this.#calls.set(id, { resolve, reject, tell });
      this.#worker.postMessage({ ...request, id }, transfer);
    });
  }

  /** @param {any} message */
  #hear({ id, loaded, answer, error, status }) {
    const call = this.#calls.get(id);
    if (loaded !== undefined) return call?.tell(loaded);
    this.#calls.delete(id);
    if (error === undefined) call?.resolve(answer);
    else call?.reject(new Problem(status ? strings.noFile(status) : told(error)));
  }

  /** Frees everything. @param {Error} [why] */
  end(why = new DOMException(strings.closed, "AbortError")) {
    this.#worker.terminate();
    this.#over = why;
    for (const { reject } of this.#calls.values()) reject(why);
    this.#calls.clear();
    if (runtime === this) runtime = null;
  }
}

/** @type {Runtime | null} */
let runtime = null;

/**
 * Starts the worker and downloads ONNX Runtime, once for the page; the model to come is counted.
 * @param {Tell} [tell]
 */
async function start(tell = () => {}) {
  if (!possible()) throw new Problem(strings.noWasm);
  runtime ??= new Runtime(tell);
  const mine = runtime;
  mine.models += 1; // from now on, so that another's closing does not end it
  try {
    await mine.started;
  } catch (error) {
    mine.end();
    throw error;
  }
  return mine;
}

/** Whether this browser can run models at all. */
export function possible() {
  return [typeof WebAssembly, typeof Worker, typeof DecompressionStream].every((type) => type !== "undefined");
}

// Leaving the page frees the memory. A browser may keep the page and show it again, without its
// models: then it begins anew.
let left = false;
addEventListener("pagehide", () => {
  left = runtime !== null;
  runtime?.end();
});
addEventListener("pageshow", ({ persisted }) => {
  if (persisted && left) location.reload();
});

export class Model {
  #runtime;
  #session;

  /** @param {Runtime} runtime @param {About} about @param {{session: number, inputs: string[], outputs: string[]}} opened */
  constructor(runtime, about, { session, inputs, outputs }) {
    this.#runtime = runtime;
    this.#session = session;
    this.about = about;
    this.inputs = inputs;
    this.outputs = outputs;
    /** How long the last run took, without its way to the worker and back. */
    this.milliseconds = 0;
  }

  /**
   * Opens a model that our export wrote, from an address or a file of the reader's.
   * @param {URL | string | Blob} source
   * @param {{progress?: Tell, signal?: AbortSignal, bytes?: number}} [options] `bytes`: the size, where it is known
   * @returns {Promise<Model>}
   */
  static async open(source, { progress = () => {}, signal, bytes = 0 } = {}) {
    const own = source instanceof Blob ? await bytesOf(source) : null;
    const known = own && aboutOf(new Uint8Array(own)); // before anything is downloaded for it
    const mine = await start(progress);
    try {
      const file = own ?? (await fetched(mine, new URL(String(source), document.baseURI).href, progress, bytes));
      const about = known ?? aboutOf(new Uint8Array(file));
      signal?.throwIfAborted();
      const opened = await mine.ask({ kind: "open", bytes: file }, undefined, [file]);
      const model = new Model(mine, about, opened);
      if (signal?.aborted) await model.close();
      signal?.throwIfAborted();
      return model;
    } catch (error) {
      leave(mine);
      throw error;
    }
  }

  /**
   * @param {Record<string, Tensor>} feeds
   * @param {string[]} [wanted] outputs; all if none are named
   * @returns {Promise<Record<string, Tensor>>}
   */
  async run(feeds, wanted = this.outputs) {
    const request = { kind: "run", session: this.#session, feeds, wanted };
    const { tensors, milliseconds } = await this.#runtime.ask(request);
    this.milliseconds = milliseconds;
    return tensors;
  }

  /** Frees the model's memory, and the runtime's with the last model. */
  async close() {
    const session = this.#session;
    this.#session = 0;
    if (session === 0) return;
    if (this.#runtime.models > 1) await this.#runtime.ask({ kind: "close", session }).catch(() => {});
    leave(this.#runtime);
  }
}

/** @param {Runtime} mine */
function leave(mine) {
  mine.models -= 1;
  if (mine.models === 0) mine.end();
}

/** @param {Runtime} mine @param {string} url @param {Tell} progress @param {number} total */
async function fetched(mine, url, progress, total) {
  const say = (/** @type {number} */ loaded) => progress({ what: "model", loaded, total: Math.max(total, loaded) });
  const { bytes } = await mine.ask({ kind: "fetch", url }, say);
  return /** @type {ArrayBuffer} */ (bytes);
}

/** What ONNX Runtime's error means to a reader. @param {string} message */
function told(message) {
  if (/Failed to fetch|NetworkError|Load failed/i.test(message)) return strings.offline;
  if (/memory|allocat/i.test(message)) return strings.memory;
  if (/protobuf|parsing failed|INVALID_PROTOBUF/i.test(message)) return strings.truncated;
  return strings.stopped(message);
}

/** @param {Float32Array | number[]} data @param {readonly number[]} dims @returns {Tensor} */
export function tensor(data, dims) {
  return { type: "float32", dims, data: Float32Array.from(data) };
}

/** One number. @param {number} x */
export function scalar(x) {
  return tensor([x], []);
}

/** Yes or no. @param {boolean} on @returns {Tensor} */
export function flag(on) {
  return { type: "bool", dims: [], data: Uint8Array.of(Number(on)) };
}

// What the page and its worker say to each other, and what a model says of itself.

/** Numbers and their shape, as ONNX Runtime takes and gives them.
 * @typedef {{type: "float32" | "bool" | "int64", dims: readonly number[], data: Float32Array | Uint8Array | BigInt64Array}} Tensor */

/**
 * What the export wrote about a model; the fields after `outputs` are those of a ViT.
 * @typedef {object} About
 * @property {number} version
 * @property {"sentence" | "designed-face" | "vit"} kind
 * @property {string} name
 * @property {string[]} outputs      short names: "weights" stands for weights.0, weights.1, …
 * @property {string[]} inputs
 * @property {[number, number]} image_size
 * @property {number} channels
 * @property {[number, number]} patch
 * @property {[number, number]} grid
 * @property {number} prefix         tokens before the patches
 * @property {number} layers
 * @property {number} heads
 * @property {number} dim
 * @property {number} classes
 * @property {"class" | "mean" | "class+mean" | "patches"} readout
 * @property {number[]} mean
 * @property {number[]} std
 * @property {number} crop
 * @property {"crop" | "stretch"} [fit] how its pictures got their size
 * @property {string} interpolation
 * @property {string[] | null} labels
 * @property {number} [temperature]  by which logits are divided before the softmax; 1 if left out
 * @property {number} [energy_limit] above it a picture is unlike those of the model's classes
 */

/** How far a download is. @typedef {{what: "runtime" | "model", loaded: number, total: number}} Progress */

/**
 * What the page asks of the worker.
 * @typedef {{id: number, kind: "start", wasm: string}} Start
 * @typedef {{id: number, kind: "fetch", url: string}} Fetch
 * @typedef {{id: number, kind: "open", bytes: ArrayBuffer}} Open
 * @typedef {{id: number, kind: "run", session: number, feeds: Record<string, Tensor>, wanted: string[]}} Run
 * @typedef {{id: number, kind: "close", session: number}} Close
 * @typedef {Start | Fetch | Open | Run | Close} Request
 */

export {};

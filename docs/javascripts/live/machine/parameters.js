// A model's parameters, out of its ONNX file: the graph's constants by the names that our export
// gives them (onnx/onnx.proto, messages GraphProto and TensorProto).

import { fields, varints } from "../header.js";

const [GRAPH, INITIALIZER] = [7, 5]; // of ModelProto, of GraphProto
const [DIMS, TYPE, NAME, RAW] = [1, 2, 8, 9]; // of TensorProto
const [FLOAT, FLOAT16] = [1, 10]; // types of a tensor

/** One parameter: `at(row, col)` of a matrix (in, out), or of a vector (0, col). @typedef {{rows: number, cols: number, at: (row: number, col: number) => number}} Parameter */

/** @param {Uint8Array} bytes of an ONNX file @returns {Map<string, Parameter>} */
export function parametersOf(bytes) {
  /** @type {Map<string, Parameter>} */
  const found = new Map();
  for (const { field, body } of fields(bytes)) {
    if (field !== GRAPH || !body) continue;
    for (const part of fields(body)) if (part.field === INITIALIZER && part.body) read(part.body, found);
  }
  return found;
}

/** @param {Uint8Array} body @param {Map<string, Parameter>} found */
function read(body, found) {
  /** @type {number[]} */ const dims = [];
  let [type, name] = [0, ""];
  /** @type {Uint8Array | null} */ let raw = null;
  for (const { field, number, body: inner } of fields(body)) {
    if (field === DIMS) dims.push(...(inner ? varints(inner) : [number ?? 0]));
    if (field === TYPE) type = number ?? 0;
    if (field === NAME && inner) name = new TextDecoder().decode(inner);
    if (field === RAW && inner) raw = inner;
  }
  const parts = /^params\.(.+?)(\.T)?(\.float16)?$/.exec(name);
  if (!raw || !parts || (type !== FLOAT && type !== FLOAT16)) return;
  const cols = dims.at(-1) ?? 1;
  const rows = dims.reduce((a, b) => a * b, 1) / cols;
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  const get = type === FLOAT ? (/** @type {number} */ i) => view.getFloat32(4 * i, true) : (/** @type {number} */ i) => half(view.getUint16(2 * i, true));
  // A layer's matrix is kept (out, in), unless its name says that it is turned over.
  if (rows === 1 || parts[2] || parts[1].includes("pos_embed")) found.set(parts[1], { rows, cols, at: (row, col) => get(row * cols + col) });
  else found.set(parts[1], { rows: cols, cols: rows, at: (row, col) => get(col * cols + row) });
}

/** A float16's number. @param {number} bits */
function half(bits) {
  const [sign, exponent, rest] = [bits & 0x8000 ? -1 : 1, (bits >> 10) & 31, bits & 1023];
  if (exponent === 31) return rest ? NaN : sign * Infinity;
  return sign * (exponent ? 2 ** (exponent - 15) * (1 + rest / 1024) : 2 ** -14 * (rest / 1024));
}

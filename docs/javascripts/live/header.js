// What an ONNX file says of itself, read without running it: a walk over the outermost fields of
// its protocol buffer (onnx/onnx.proto, message ModelProto). A cut or foreign file shows here.

import { strings } from "../strings/runtime.js";
import { Problem } from "./files.js";

/** @import { About } from "./protocol.js" */

const KEY = "vitexplain"; // of the metadata that our export writes
const [IR_VERSION, GRAPH, METADATA] = [1, 7, 14]; // fields of ModelProto
const [VARINT, FIXED64, BYTES, FIXED32] = [0, 1, 2, 5]; // wire types of protocol buffers
const NEWEST = 100; // versions of the format count 1, 2, …: text read as a number is far larger

/**
 * Return what the export wrote about a model.
 * @param {Uint8Array} bytes
 * @returns {About}
 */
export function aboutOf(bytes) {
  let [version, graph, text] = [0, false, ""];
  for (const { field, number, body } of fields(bytes)) {
    if (field === IR_VERSION) version = number ?? 0; // it is written first
    if (version < 1 || version > NEWEST) throw new Problem(strings.notOnnx);
    if (field === GRAPH && body) graph = body.length > 0;
    if (field !== METADATA || !body) continue;
    const [key, value] = [...fields(body)].map((one) => new TextDecoder().decode(one.body ?? undefined));
    if (key === KEY) text = value;
  }
  if (version === 0) throw new Problem(strings.notOnnx);
  if (!graph) throw new Problem(strings.truncated);
  try {
    return JSON.parse(text);
  } catch {
    throw new Problem(strings.notOurs);
  }
}

/**
 * Yield the fields of one message, without looking inside them.
 * @param {Uint8Array} bytes
 * @returns {Generator<{field: number, number: number | null, body: Uint8Array | null}>}
 */
export function* fields(bytes) {
  const place = { at: 0 };
  const varint = () => varintAt(bytes, place);
  while (place.at < bytes.length) {
    const tag = varint();
    const [field, type] = [Math.floor(tag / 8), tag % 8];
    if (field === 0) throw new Problem(strings.notOnnx);
    if (type === VARINT) {
      yield { field, number: varint(), body: null };
      continue;
    }
    if (type !== FIXED64 && type !== BYTES && type !== FIXED32) throw new Problem(strings.notOnnx);
    const length = type === BYTES ? varint() : type === FIXED64 ? 8 : 4;
    if (place.at + length > bytes.length) throw new Problem(strings.truncated);
    yield { field, number: null, body: bytes.subarray(place.at, place.at + length) };
    place.at += length;
  }
}

/** The numbers of a packed list. @param {Uint8Array} bytes */
export function varints(bytes) {
  const [place, found] = [{ at: 0 }, /** @type {number[]} */ ([])];
  while (place.at < bytes.length) found.push(varintAt(bytes, place));
  return found;
}

/** Reads a number of seven bits a byte, and goes past it. @param {Uint8Array} bytes @param {{at: number}} place */
function varintAt(bytes, place) {
  let value = 0;
  for (let shift = 0; shift < 64; shift += 7) {
    if (place.at >= bytes.length) throw new Problem(strings.truncated);
    const byte = bytes[place.at++];
    value += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) return value;
  }
  throw new Problem(strings.notOnnx);
}

// Runs models away from the page's own thread: ONNX Runtime, WebAssembly alone, one thread
// (static hosts do not send the headers that shared memory needs).

import * as ort from "onnxruntime-web/wasm";

/** @import { Close, Fetch, Open, Request, Run, Start, Tensor } from "./protocol.js" */

/** @type {Map<number, ort.InferenceSession>} */
const sessions = new Map();
let made = 0;

const answers = {
  /** @param {Start} request */
  async start({ wasm, id }) {
    ort.env.wasm.numThreads = 1;
    ort.env.wasm.wasmBinary = await unpacked(await download(wasm, id));
    return {};
  },

  /** Download a file, saying how far it is. @param {Fetch} request */
  async fetch({ url, id }) {
    return { bytes: await download(url, id) };
  },

  /** @param {Open} request */
  async open({ bytes }) {
    const session = await ort.InferenceSession.create(new Uint8Array(bytes), {
      executionProviders: ["wasm"],
      logSeverityLevel: 3,
    });
    sessions.set(++made, session);
    return { session: made, inputs: [...session.inputNames], outputs: [...session.outputNames] };
  },

  /** @param {Run} request */
  async run({ session, feeds, wanted }) {
    const model = sessions.get(session);
    if (!model) throw new Error("the model is closed");
    const given = Object.entries(feeds).map(([name, { type, data, dims }]) => [
      name,
      new ort.Tensor(/** @type {any} */ (type), /** @type {any} */ (data), dims),
    ]);
    const began = performance.now();
    const found = await model.run(Object.fromEntries(given), wanted);
    /** @type {Record<string, Tensor>} */
    const tensors = {};
    for (const [name, tensor] of Object.entries(found)) {
      tensors[name] = { type: /** @type {any} */ (tensor.type), dims: tensor.dims, data: /** @type {any} */ (tensor.data) };
    }
    return { tensors, milliseconds: performance.now() - began };
  },

  /** @param {Close} request */
  async close({ session }) {
    await sessions.get(session)?.release();
    sessions.delete(session);
    return {};
  },
};

self.addEventListener("message", async ({ data: request }) => {
  try {
    const answer = await answers[/** @type {Request} */ (request).kind](/** @type {any} */ (request));
    self.postMessage({ id: request.id, answer }, { transfer: buffers(answer) });
  } catch (error) {
    const { message = String(error), status = 0 } = /** @type {any} */ (error);
    self.postMessage({ id: request.id, error: message, status });
  }
});

/** @param {string} url @param {number} id */
async function download(url, id) {
  const response = await fetch(url);
  if (!response.ok) throw Object.assign(new Error(response.statusText), { status: response.status });
  const reader = /** @type {ReadableStream<Uint8Array>} */ (response.body).getReader();
  const parts = [];
  let loaded = 0;
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    parts.push(next.value);
    loaded += next.value.length;
    self.postMessage({ id, loaded });
  }
  return new Blob(/** @type {BlobPart[]} */ (parts)).arrayBuffer();
}

/** The bytes inside, where they are gzipped (some hosts unpack them on the way). @param {ArrayBuffer} bytes */
async function unpacked(bytes) {
  const [first, second] = new Uint8Array(bytes, 0, 2);
  if (first !== 0x1f || second !== 0x8b) return bytes;
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
}

/** What can be handed over without a copy. @param {any} answer @returns {Transferable[]} */
function buffers({ bytes, tensors = {} }) {
  if (bytes) return [bytes];
  return [...new Set(Object.values(tensors).map(({ data }) => data.buffer))];
}

// The runtime's parts for a test to call: window.live.
import { aboutOf } from "../../../docs/javascripts/live/header.js";
import { Latest } from "../../../docs/javascripts/live/latest.js";
import { Model, flag, scalar, tensor } from "../../../docs/javascripts/live/runtime.js";
import { attentionOf, traceOf } from "../../../docs/javascripts/live/trace.js";

const toBytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
/** Bytes in base64, made by the browser itself: they are many. */
const toText = async (bytes) => {
  const reader = new FileReader();
  await new Promise((done) => {
    reader.onload = done;
    reader.readAsDataURL(new Blob([bytes]));
  });
  return reader.result.split(",")[1];
};

/** Tensors that came as JSON. */
const unpack = (feeds) =>
  Object.fromEntries(
    Object.entries(feeds).map(([name, { type, dims, data }]) => [
      name,
      { type, dims, data: type === "bool" ? Uint8Array.from(data) : new Float32Array(toBytes(data).buffer) },
    ]),
  );

/** Tensors as JSON. */
async function pack(outputs) {
  const packed = {};
  for (const [name, { dims, data }] of Object.entries(outputs)) packed[name] = { dims, data: await toText(data) };
  return packed;
}

/** Open a model, run each of the feeds, close it. */
async function answers(url, feeds) {
  const model = await Model.open(url);
  const all = [];
  for (const one of feeds) all.push(await pack(await model.run(unpack(one))));
  await model.close();
  return all;
}

/** What went wrong, in the reader's words. */
const why = (promise) => promise.then(() => null, (error) => error.message);

Object.assign(window, {
  live: { Latest, Model, aboutOf, answers, attentionOf, flag, scalar, tensor, traceOf, unpack, why },
});

// The words of models that run in the page: loading them, and what may go wrong.

const COMMAND = "vitexplain export-onnx";

export const start = (/** @type {string} */ size) => `Start the model (${size})`;
export const offer = "It runs here, in your browser. Nothing you do leaves this page.";
export const loading = { runtime: "Loading ONNX Runtime", model: "Loading the model" };
export const megabytes = (/** @type {string} */ loaded, /** @type {string} */ total) => `${loaded} of ${total} MB`;
export const size = (/** @type {string} */ megabytes) => `${megabytes} MB`;
export const opening = "Preparing the model";
export const ready = "The model is ready.";
export const again = "Try again";
export const failed = (/** @type {string} */ why) => `The model could not start: ${why}`;
export const closed = "The model was closed.";

export const noWasm =
  "This browser cannot run models: it lacks WebAssembly, or it is switched off. Everything else on this page works.";
export const noFile = (/** @type {number} */ status) => `A file could not be loaded (${status}).`;
export const offline = "A file could not be loaded. Is there a connection?";
export const memory = "There is not enough memory for this model.";
export const stopped = (/** @type {string} */ why) => `ONNX Runtime stopped: ${why}`;
export const unreadable = "The file cannot be read.";
export const notOnnx = "This is not an ONNX file.";
export const truncated = "This ONNX file is cut short or damaged.";
export const notOurs = `This ONNX file does not say what its outputs mean. Write one with “${COMMAND} CHECKPOINT”.`;

// The reader's own model: an ONNX file that our export wrote, opened in place.

import { html, uid, write } from "@vitexplain/explorer/dom.js";
import { strings } from "../../strings/lab.js";
import { alert, status } from "../controls.js";
import { filePicker, megabytes, Problem } from "../files.js";
import { Model } from "../runtime.js";
import { pairBytes, tokenCount } from "./runs.js";

/** @import { About } from "../protocol.js" */

const LARGEST = 1e9; // bytes: a browser's tab cannot hold much more
const NAME = /\.onnx$/i;

/** Whether a file is meant as a model. @param {File} file */
export function isModel(file) {
  return NAME.test(file.name);
}

/**
 * Opens a file; what is not a ViT whose weights or logits can be shown is refused.
 * @param {File} file
 * @param {AbortSignal} signal
 */
async function open(file, signal) {
  const say = strings.own;
  if (file.size === 0) throw new Problem(strings.wrong.empty);
  if (file.size > LARGEST) throw new Problem(say.large(megabytes(file.size), megabytes(LARGEST)));
  const model = await Model.open(file, { signal });
  const { kind, channels, outputs } = /** @type {About} */ (model.about);
  const why =
    kind !== "vit" ? say.notVit(model.about.name)
    : channels !== 1 && channels !== 3 ? say.channels(channels)
    : !outputs.includes("weights") ? say.noWeights
    : null;
  if (why === null) return model;
  await model.close();
  throw new Problem(why);
}

/**
 * The button, and what is said about the model.
 * @param {{opened: (model: Model) => void, signal: AbortSignal, before: () => Promise<unknown>}} on
 */
export function own({ opened, signal, before }) {
  const say = strings.own;
  const { input, choose } = filePicker({ accept: ".onnx", text: say.open, kind: "vxl-lab-model-file" }, ([file]) => take(file));
  const bar = html("progress", { class: "vxl-bar", hidden: true, "aria-label": say.opening, id: uid("bar") });
  const said = status("vxl-lab-hint");
  const problem = alert();
  const element = html("div", { class: "vxl-lab-own" }, html("div", { class: "vxl-row" }, choose, input), bar, said, problem);

  let told = "";
  /** @param {File} file */
  async function take(file) {
    if (choose.disabled) return;
    choose.disabled = true;
    bar.hidden = false;
    write(problem, "");
    write(said, say.reading(file.name, inShort(file.size)));
    try {
      await before();
      const began = performance.now();
      const model = await open(file, signal);
      const { layers, heads, image_size: [rows, cols] } = model.about;
      const seconds = ((performance.now() - began) / 1000).toFixed(1);
      const [tokens, megabytes] = [tokenCount(model.about), inShort(pairBytes(model.about))];
      told = say.opened({ layers, heads, rows, cols, tokens, seconds, megabytes });
      write(said, told);
      opened(model);
    } catch (error) {
      write(said, "");
      if (!signal.aborted) write(problem, say.failed(file.name, /** @type {Error} */ (error).message));
    }
    choose.disabled = false;
    bar.hidden = true;
  }

  return {
    element,
    take,
    /** How long its last run took. @param {number} milliseconds */
    ran(milliseconds) {
      write(said, `${told} ${say.ran(milliseconds < 1000 ? `${milliseconds.toFixed(0)} ms` : `${(milliseconds / 1000).toFixed(1)} s`)}`);
    },
  };
}

/** @param {number} bytes */
function inShort(bytes) {
  return megabytes(bytes, bytes < 1e7 ? 1 : 0);
}

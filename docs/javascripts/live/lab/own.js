// Another model than those that come with the page: an ONNX file of the reader's that our export
// wrote, opened in place, or one that this copy of the site has besides.

import { button, html, uid, write } from "@vitexplain/explorer/dom.js";
import { strings } from "../../strings/lab.js";
import { alert, status } from "../controls.js";
import { filePicker, megabytes, Problem } from "../files.js";
import { Model } from "../runtime.js";
import { pairBytes, tokenCount } from "./runs.js";

/** @import { About } from "../protocol.js" */

const LARGEST = 1e9; // bytes: a browser's tab cannot hold much more
const NAME = /\.onnx$/i;

/** A model of the site's own folder: what it is called, its bytes, and its address. @typedef {{name: string, size: number, url: string}} Offer */

/** Whether a file is meant as a model. @param {File} file */
export function isModel(file) {
  return NAME.test(file.name);
}

/**
 * Opens a file; what is not a ViT whose weights or logits can be shown is refused.
 * @param {File | Offer} file
 * @param {AbortSignal} signal
 * @param {(share: number) => void} tell how much of it is there
 */
async function open(file, signal, tell) {
  const say = strings.own;
  if (file.size === 0) throw new Problem(strings.wrong.empty);
  if (file.size > LARGEST) throw new Problem(say.large(megabytes(file.size), megabytes(LARGEST)));
  const loaded = (/** @type {import("../protocol.js").Progress} */ now) => now.what === "model" && tell(now.loaded / file.size);
  const model = await Model.open("url" in file ? file.url : file, { signal, progress: loaded });
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
 * The button, a menu where the site has models to offer, and what is said about the model.
 * @param {{opened: (model: Model) => void, signal: AbortSignal, before: () => Promise<unknown>}} on
 * @param {Offer[]} offers
 */
export function own({ opened, signal, before }, offers = []) {
  const say = strings.own;
  const { input, choose } = filePicker({ accept: ".onnx", text: say.open, kind: "vxl-lab-model-file" }, ([file]) => take(file));
  const bar = html("progress", { class: "vxl-bar", hidden: true, "aria-label": say.opening, id: uid("bar") });
  const said = status("vxl-lab-hint");
  const problem = alert();
  const row = html("div", { class: "vxl-row" }, choose, input);
  const menu = offers.length ? [offered(offers, (offer) => take(offer))] : [];
  const element = html("div", { class: "vxl-lab-own" }, ...menu, row, bar, said, problem);

  let told = "";
  /** @param {File | Offer} file */
  async function take(file) {
    if (choose.disabled) return;
    choose.disabled = true;
    bar.hidden = false;
    write(problem, "");
    bar.removeAttribute("value"); // nobody knows how long it takes, until bytes arrive
    write(said, "url" in file ? say.fetching(file.name, inShort(file.size)) : say.reading(file.name, inShort(file.size)));
    try {
      await before();
      const began = performance.now();
      const model = await open(file, signal, (share) => {
        if (share < 1) bar.value = share;
        else bar.removeAttribute("value");
      });
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

/**
 * The site's models to choose from, each with its size, and a button that fetches the chosen one.
 * @param {Offer[]} offers @param {(offer: Offer) => void} take
 */
function offered(offers, take) {
  const say = strings.own;
  const list = html("select", { id: uid("offers") }, ...offers.map(({ name, size }, i) => html("option", { value: i }, say.offer(name, inShort(size)))));
  const fetch = button("", "", () => take(offers[list.selectedIndex]));
  const name = () => write(fetch, say.fetch(inShort(offers[list.selectedIndex].size)));
  list.addEventListener("change", name);
  name();
  return html("div", { class: "vxl-row" }, html("label", { for: list.id }, say.offers), list, fetch);
}

/** @param {number} bytes */
function inShort(bytes) {
  return megabytes(bytes, bytes < 1e7 ? 1 : 0);
}

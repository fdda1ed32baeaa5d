// What the machine says, and what the change has done to it: always in sight.

import { html, write } from "@vitexplain/explorer/dom.js";
import { strings } from "../../strings/machine.js";
import { percent, probabilities } from "../lab/certainty.js";
import { className } from "../lab/show.js";
import { paint } from "../pixels.js";
import { idOf, valuesOf } from "./plan.js";

/** @import { About, Tensor } from "../protocol.js" */
/** @import { Stage } from "./plan.js" */

/** @param {About} about @param {Map<string, Stage>} plan @param {number[]} first Python's logits of the first picture */
export function verdict(about, plan, first) {
  const say = strings.verdict;
  const canvas = html("canvas", { class: "vxl-machine-thumb", "aria-hidden": "true" });
  const [answer, was, most] = [html("strong", {}), html("span", {}), html("span", {})];
  const element = html("div", { class: "vxl-machine-says" }, canvas, html("p", { role: "status" }, answer, " ", was, " ", most));

  const best = (/** @type {ArrayLike<number>} */ logits) => {
    const shares = probabilities(logits, about);
    const i = shares.indexOf(Math.max(...shares));
    return { name: className(about, i), share: percent(shares[i]) };
  };
  const of = (/** @type {Record<string, Tensor>} */ outputs) => /** @type {Float32Array} */ (outputs.logits.data);
  const row = (/** @type {Record<string, Tensor>} */ outputs, /** @type {string} */ id, /** @type {number} */ i) => {
    const stage = /** @type {Stage} */ (plan.get(id));
    return /** @type {Float32Array} */ (valuesOf(stage, outputs)).subarray(i * stage.cols, (i + 1) * stage.cols);
  };

  /** @param {HTMLCanvasElement | null} picture @param {Record<string, Tensor> | null} outputs @param {Record<string, Tensor> | null} before null if nothing is changed @param {boolean} asFirst whether Python's logits are of what is shown */
  function update(picture, outputs, before, asFirst) {
    if (picture) paint(canvas, picture);
    const logits = outputs ? of(outputs) : asFirst ? first : null;
    const now = logits && best(logits);
    write(answer, now ? `${say.says(now.name, now.share)}.` : say.unknown);
    if (!outputs || !before) {
      write(was, "");
      write(most, outputs ? say.same : "");
      return;
    }
    const then = best(of(before));
    write(was, say.was(then.name, then.share));
    const turn = Array.from({ length: about.layers }, (_, layer) => [before, outputs].map((one) => best(row(one, idOf("lens", layer), 0)).name)).findIndex(([a, b]) => a !== b);
    const words = turn < 0 ? say.stays : (([a, b]) => say.from(turn, a, b))([before, outputs].map((one) => best(row(one, idOf("lens", turn), 0)).name));
    const { layer, head, share } = moved(before, outputs);
    write(most, `${words}${share > 0.005 ? ` ${say.moved(percent(share), layer, head)}` : ""}`);
  }

  /** The head whose class token shares out its attention most differently: half the sum of what changed. @param {Record<string, Tensor>} before @param {Record<string, Tensor>} outputs */
  function moved(before, outputs) {
    const found = { layer: 0, head: 0, share: 0 };
    for (let layer = 0; layer < about.layers; layer++) {
      for (let head = 0; head < about.heads; head++) {
        const [a, b] = [before, outputs].map((one) => row(one, idOf("weights", layer, head), 0));
        const share = a.reduce((sum, x, i) => sum + Math.abs(x - b[i]), 0) / 2;
        if (share > found.share) Object.assign(found, { layer, head, share });
      }
    }
    return found;
  }
  return { element, update };
}

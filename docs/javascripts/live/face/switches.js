// What runs on which face: the weights, the positions, and the faces to begin with.

import { html } from "@vitexplain/explorer/dom.js";
import { strings } from "../../strings/face.js";
import { radios } from "./tools.js";

/** @import { Studio } from "./studio.js" */
/** @import { Weights } from "./types.js" */

const WEIGHTS = /** @type {Weights[]} */ (["designed", "learned"]);

/** @param {Studio} studio */
export function switches(studio) {
  const weights = radios(
    strings.weightsLegend,
    WEIGHTS.map((one) => strings.weights[one]),
    (i) => studio.run({ weights: WEIGHTS[i] }, strings.weightsSaid[WEIGHTS[i]]),
  );
  const box = html("input", { type: "checkbox" });
  box.addEventListener("change", () => studio.run({ positions: box.checked }, strings.positionsSaid(box.checked)));
  const positions = html("label", { class: "vxl-switch" }, box, strings.positions);
  const element = html("div", { class: "vxl-face-switches" }, weights.element, positions);

  function update() {
    weights.choose(WEIGHTS.indexOf(studio.weights));
    box.checked = studio.positions;
  }
  return { element, update };
}

/** @param {Studio} studio */
export function faces(studio) {
  const { faces: all } = studio.config;
  const made = radios(strings.faces, all.map(({ name }) => name), (face) => studio.show(face, strings.faceSaid(all[face].name)), true);
  made.element.classList.add("vxl-face-faces");
  all.forEach(({ image }, i) => made.labels[i].querySelector(".vxl-face-look")?.append(html("img", { src: image, alt: "", width: 44, height: 44 })));
  return { element: made.element, update: () => made.choose(studio.chosen) };
}

// What one can switch: the scale, the causal mask, the temperature.

import { html, uid, write } from "@vitexplain/explorer/dom.js";
import { strings } from "../../strings/goat.js";
import { tick } from "../controls.js";
import { show, TEMPERATURES } from "./sheet.js";

/** @import { Keeper } from "@vitexplain/explorer/keeper.js" */
/** @import { Sheet } from "./sheet.js" */

const DIGITS = 3; // of a temperature
const STEP = 0.05; // of its logarithm

/** @param {Keeper<Sheet>} keeper */
export function switches(keeper) {
  const scaling = tick(strings.scaling, (on) => keeper.change({ scaling: on }, { said: strings.said.scaling(on) }));
  const causal = tick(strings.causal, (on) => keeper.change({ causal: on }, { said: strings.said.causal(on) }), strings.causalHelp);
  const id = uid("temperature");
  const [low, high] = TEMPERATURES.map((degrees) => Math.log10(degrees));
  const range = html("input", { type: "range", id, min: low, max: high, step: STEP });
  const output = html("output", { for: id });
  const heat = html(
    "div",
    { class: "vxl-goat-heat" },
    html("label", { for: id }, strings.temperature, " ", output),
    range,
    html("div", { class: "vxl-goat-ends", "aria-hidden": "true" }, ...strings.temperatureEnds.map((end) => html("span", {}, end))),
  );
  const legend = html("legend", { class: "vxl-sr" }, strings.switches);
  const element = html("fieldset", { class: "vxl-controls vxl-goat-switches" }, legend, scaling.element, causal.element, heat);

  const degrees = () => Number((10 ** Number(range.value)).toPrecision(DIGITS));
  range.addEventListener("input", () => keeper.change({ temperature: degrees() }, { settled: false }));
  range.addEventListener("change", () => keeper.change({ temperature: degrees() }, { said: strings.said.temperature(show(degrees())) }));

  function update() {
    const { temperature } = keeper.state;
    scaling.update(keeper.state.scaling);
    causal.update(keeper.state.causal);
    if (degrees() !== temperature) range.value = String(Math.log10(temperature));
    write(output, show(temperature));
    range.setAttribute("aria-valuetext", strings.degrees(show(temperature)));
  }

  return { element, update };
}

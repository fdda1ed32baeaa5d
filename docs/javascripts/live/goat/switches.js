// What one can switch: the scale, the causal mask, the temperature.

import { html, uid, write } from "@vitexplain/explorer/dom.js";
import { strings } from "../../strings/goat.js";
import { show, TEMPERATURES } from "./sheet.js";

/** @import { History } from "./history.js" */

const DIGITS = 3; // of a temperature
const STEP = 0.05; // of its logarithm

/** @param {History} history */
export function switches(history) {
  const scaling = toggle("scaling", strings.scaling);
  const causal = toggle("causal", strings.causal, strings.causalHelp);
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
  const degrees = () => Number((10 ** Number(range.value)).toPrecision(DIGITS));
  range.addEventListener("input", () => history.change({ ...history.sheet, temperature: degrees() }, { settled: false }));
  range.addEventListener("change", () => {
    const temperature = degrees();
    history.change({ ...history.sheet, temperature }, { said: strings.said.temperature(show(temperature)) });
  });
  const element = html(
    "fieldset",
    { class: "vxl-controls vxl-goat-switches" },
    html("legend", { class: "vxl-sr" }, strings.switches),
    scaling.element,
    causal.element,
    heat,
  );

  /** @param {"scaling" | "causal"} name @param {string} text @param {string} [help] */
  function toggle(name, text, help = "") {
    const box = html("input", { type: "checkbox" });
    const words = html("span", {}, text, ...(help ? [html("small", { class: "vxl-goat-note" }, help)] : []));
    box.addEventListener("change", () => history.change({ ...history.sheet, [name]: box.checked }, { said: strings.said[name](box.checked) }));
    return { element: html("label", { class: "vxl-switch" }, box, words), update: () => (box.checked = history.sheet[name]) };
  }

  function update() {
    scaling.update();
    causal.update();
    const { temperature } = history.sheet;
    if (degrees() !== temperature) range.value = String(Math.log10(temperature));
    write(output, show(temperature));
    range.setAttribute("aria-valuetext", strings.degrees(show(temperature)));
  }

  return { element, update };
}

// One of a few, as radio buttons that look like tabs.

import { html, uid } from "@vitexplain/explorer/dom.js";

/**
 * @template {string} T
 * @param {string} legend
 * @param {Array<[T, string]>} options
 * @param {(value: T) => void} choose
 */
export function choice(legend, options, choose) {
  const name = uid("lab");
  const made = options.map(([value, text]) => {
    const input = html("input", { type: "radio", name, value, class: "vxl-sr" });
    input.addEventListener("change", () => choose(value));
    const said = html("span", {}, text);
    return { value, input, said, label: html("label", { class: "vxl-lab-option" }, input, said) };
  });
  const element = html(
    "fieldset",
    { class: "vxl-lab-choice" },
    html("legend", {}, legend),
    html("div", { class: "vxl-lab-options" }, ...made.map(({ label }) => label)),
  );
  return {
    element,
    /** @param {T} chosen */
    update(chosen) {
      for (const { value, input } of made) input.checked = value === chosen;
    },
    /** @param {T} value @param {boolean} shown @param {string} [text] */
    offer(value, shown, text) {
      for (const one of made.filter((one) => one.value === value)) {
        one.label.hidden = !shown;
        if (text !== undefined) one.said.textContent = text;
      }
    },
  };
}

// W_Q, W_K and W_V, number by number, and whole sets of them.

import { button, html } from "@vitexplain/explorer/dom.js";
import { strings } from "../../strings/goat.js";
import { numberBox, Problems } from "./box.js";
import { matricesOf, ROLES } from "./sheet.js";

/** @import { History } from "./history.js" */
/** @import { GoatConfig, Role, Square } from "./types.js" */

const ROOMY = "(min-width: 60em)"; // where they stand beside the words, and are open at first

/**
 * @param {GoatConfig["matrices"]} sets the first is the identity
 * @param {History} history
 */
export function matrices(sets, history) {
  const squares = ROLES.map((role) => square(role));
  const given = sets.map((set) => {
    const numbers = matricesOf(set);
    const one = button("", set.name, () => history.change({ ...history.sheet, matrices: numbers }, { said: strings.said.matrices(set.name) }));
    return { one, text: JSON.stringify(numbers) };
  });
  const choices = html("div", { class: "vxl-row" }, ...given.map(({ one }) => one));
  const element = html(
    "details",
    { class: "vxl-controls vxl-goat-matrices" },
    html("summary", {}, strings.matrices),
    choices,
    html("div", { class: "vxl-goat-squares" }, ...squares.map((one) => one.element)),
  );

  /** @param {Role} role */
  function square(role) {
    const name = strings.matrixNames[role];
    const problems = new Problems();
    const boxes = [0, 1, 2, 3].map((i) =>
      numberBox({
        name: strings.entry(name, Math.floor(i / 2) + 1, (i % 2) + 1),
        problems,
        act(x, settled) {
          const old = history.sheet.matrices[role];
          const next = /** @type {Square} */ (/** @type {unknown} */ (old.map((y, j) => (i === j ? x : y))));
          const said = settled ? strings.said.matrix(name) : "";
          if (String(next) !== String(old)) {
            history.change({ ...history.sheet, matrices: { ...history.sheet.matrices, [role]: next } }, { settled, said });
          } else if (settled && history.open) history.change(history.sheet, { said });
        },
      }),
    );
    const grid = html("div", { class: "vxl-goat-square" }, ...boxes.map((box) => box.element));
    const [letter, index] = name.split("_");
    const legend = html("legend", {}, html("i", {}, letter), html("sub", {}, index), html("small", { class: "vxl-goat-note" }, strings.matrixHelp[role]));
    return { role, boxes, element: html("fieldset", {}, legend, grid, problems.element) };
  }

  let first = true;
  function update() {
    const now = history.sheet.matrices;
    for (const { role, boxes } of squares) boxes.forEach((box, i) => box.show(now[role][i]));
    const text = JSON.stringify({ q: now.q, k: now.k, v: now.v });
    for (const one of given) one.one.setAttribute("aria-pressed", String(one.text === text));
    if (first) element.open = given[0].text !== text || matchMedia(ROOMY).matches;
    first = false;
  }

  return { element, update };
}

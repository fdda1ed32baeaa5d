// W_Q, W_K and W_V, number by number, and whole sets of them.

import { button, html } from "@vitexplain/explorer/dom.js";
import { strings } from "../../strings/goat.js";
import { entered, numberBox, Problems } from "./box.js";
import { matricesOf, ROLES } from "./sheet.js";

/** @import { Keeper } from "@vitexplain/explorer/keeper.js" */
/** @import { GoatConfig, Role, Sheet, Square } from "./sheet.js" */

const ROOMY = "(min-width: 60em)"; // where they stand beside the words, and are open at first

/**
 * @param {GoatConfig["matrices"]} sets the first is the identity
 * @param {Keeper<Sheet>} keeper
 */
export function matrices(sets, keeper) {
  const squares = ROLES.map(square);
  const given = sets.map((set) => {
    const numbers = matricesOf(set);
    const one = button("", set.name, () => keeper.change({ matrices: numbers }, { said: strings.said.matrices(set.name) }));
    return { one, text: JSON.stringify(numbers) };
  });
  const element = html(
    "details",
    { class: "vxl-controls vxl-goat-matrices" },
    html("summary", {}, strings.matrices),
    html("div", { class: "vxl-row" }, ...given.map(({ one }) => one)),
    html("div", { class: "vxl-goat-squares" }, ...squares.map((one) => one.element)),
  );

  /** @param {Role} role */
  function square(role) {
    const name = strings.matrixNames[role];
    const problems = new Problems();
    const boxes = [0, 1, 2, 3].map((i) =>
      numberBox(problems, (x, settled) => {
        const { matrices: all } = keeper.state;
        const next = /** @type {Square} */ (/** @type {unknown} */ (all[role].with(i, x)));
        entered(keeper, x === all[role][i] ? {} : { matrices: { ...all, [role]: next } }, settled, strings.said.matrix(name));
      }),
    );
    const grid = html("div", { class: "vxl-goat-square" }, ...boxes.map((box) => box.element));
    const [letter, index] = name.split("_");
    const legend = html("legend", {}, html("i", {}, letter), html("sub", {}, index), html("small", { class: "vxl-note" }, strings.matrixHelp[role]));
    const update = () => boxes.forEach((box, i) => box.show(keeper.state.matrices[role][i], strings.entry(name, Math.floor(i / 2) + 1, (i % 2) + 1)));
    return { update, element: html("fieldset", {}, legend, grid, problems.element) };
  }

  let first = true;
  function update() {
    const { q, k, v } = keeper.state.matrices;
    for (const one of squares) one.update();
    const text = JSON.stringify({ q, k, v });
    for (const { one, text: its } of given) one.setAttribute("aria-pressed", String(its === text));
    if (first) element.open = given[0].text !== text || matchMedia(ROOMY).matches;
    first = false;
  }

  return { element, update };
}

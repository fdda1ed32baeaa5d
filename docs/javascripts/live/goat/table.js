// The words as a table: a box for the word, one for each of its numbers, and its place in the row.

import { button, html } from "@vitexplain/explorer/dom.js";
import { strings } from "../../strings/goat.js";
import { entered, numberBox, Problems, textBox } from "./box.js";
import { perWord } from "./per-word.js";
import { add, earlier, find, labelsOf, MOST_WORDS, move, remove, rename, spoken } from "./sheet.js";

/** @import { Keeper } from "@vitexplain/explorer/keeper.js" */
/** @import { Place, Sheet, Word } from "./sheet.js" */

/**
 * @param {[string, string]} axes
 * @param {Keeper<Sheet>} keeper
 */
export function table(axes, keeper) {
  const heads = [strings.word, ...axes].map((name) => html("th", { scope: "col" }, name));
  const body = html("tbody");
  const grid = html(
    "table",
    { class: "vxl-goat-table" },
    html("caption", {}, strings.words),
    html("thead", {}, html("tr", {}, ...heads, html("td", { colspan: 2 }))),
    body,
  );
  const problems = new Problems();
  const more = button("vxl-goat-add", strings.add, () => {
    problems.try(more, () => {
      const sheet = add(keeper.state, freshName());
      const { word, at } = sheet.words[sheet.words.length - 1];
      keeper.change(sheet, { said: strings.said.added(word, spoken(axes, at)) });
      const box = [...body.querySelectorAll("input")].at(-axes.length - 1);
      box?.focus({ preventScroll: true });
      box?.select();
    });
  });
  const element = html("div", { class: "vxl-controls vxl-goat-words" }, grid, more, problems.element);
  const rows = perWord(body, row);

  /** A name that no word has yet. */
  function freshName() {
    const taken = new Set(keeper.state.words.map(({ word }) => word));
    for (let i = 1; ; i++) {
      const name = i === 1 ? strings.fresh : `${strings.fresh}${i}`;
      if (!taken.has(name)) return name;
    }
  }

  /** @param {number} id */
  function row(id) {
    const wrong = new Problems();
    const place = () => find(keeper.state, id);
    const word = textBox("vxl-goat-name");
    word.addEventListener("change", () =>
      wrong.try(word, () => {
        const sheet = rename(keeper.state, id, word.value);
        keeper.change(sheet, { said: strings.said.renamed(sheet.words[find(sheet, id)].word) });
      }),
    );
    word.addEventListener("keydown", ({ key }) => {
      if (key !== "Escape") return;
      wrong.say(word);
      word.value = keeper.state.words[place()].word;
    });
    const boxes = axes.map((name, axis) =>
      numberBox(name, wrong, (x, settled) => {
        if (place() < 0) return;
        const { at } = keeper.state.words[place()];
        const next = /** @type {Place} */ (/** @type {unknown} */ (at.map((old, i) => (i === axis ? x : old))));
        entered(keeper, x === at[axis] ? {} : move(keeper.state, id, next), settled, strings.said.moved(word.value, spoken(axes, next)));
      }),
    );
    const up = button("vxl-goat-icon", "↑", () => {
      const sheet = earlier(keeper.state, id);
      keeper.change(sheet, { said: strings.said.earlier(word.value, find(sheet, id) + 1) });
      up.focus({ preventScroll: true }); // the row was put elsewhere
    });
    const out = button("vxl-goat-icon", "×", () =>
      problems.try(more, () => {
        const i = place();
        keeper.change(remove(keeper.state, id), { said: strings.said.removed(word.value) });
        const next = body.children[Math.min(i, body.children.length - 1)]?.querySelector("button:last-of-type");
        if (next instanceof HTMLElement) next.focus({ preventScroll: true });
      }),
    );
    const cells = [word, ...boxes.map((box) => box.element), up, out].map((cell) => html("td", {}, cell));
    const message = html("td", { colspan: cells.length, class: "vxl-goat-wrong" }, wrong.element);
    const line = html("tr", { "data-word": id }, ...cells, message);
    let shown = "";
    return {
      element: line,
      /** @param {Word} one @param {string} label @param {number} i @param {boolean} asks */
      update(one, label, i, asks) {
        if (one.word !== shown) {
          shown = word.value = one.word;
          wrong.say(word);
        }
        word.setAttribute("aria-label", strings.wordOf(i + 1));
        boxes.forEach((box, axis) => box.show(one.at[axis], strings.coordinate(label, axes[axis])));
        up.setAttribute("aria-label", strings.earlier(label));
        up.disabled = i === 0;
        out.setAttribute("aria-label", strings.remove(label));
        line.classList.toggle("vxl-goat-asks", asks);
      },
    };
  }

  /** @param {number} asks */
  function update(asks) {
    const { words } = keeper.state;
    const labels = labelsOf(words);
    rows(words).forEach((one, i) => one.update(words[i], labels[i], i, words[i].id === asks));
    if (words.length < MOST_WORDS && words.length > 1) problems.say(more);
  }

  return { element, update };
}

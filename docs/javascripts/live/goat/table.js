// The words as a table: a box for the word, one for each of its numbers, and its place in the row.

import { button, html } from "@vitexplain/explorer/dom.js";
import { strings } from "../../strings/goat.js";
import { entered, entry, numberBox, Problems } from "./box.js";
import { add, checked, earlier, find, labelsOf, MOST_WORDS, move, remove, rename, spoken } from "./sheet.js";

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
  /** The rows by their words' ids. @type {Map<number, ReturnType<typeof row>>} */
  const rows = new Map();

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
    const name = () => keeper.state.words[place()]?.word ?? "";
    const word = entry("vxl-goat-name", wrong, { read: checked, plain: String }, (text, settled) => {
      if (place() < 0) return;
      entered(keeper, text === name() ? {} : rename(keeper.state, id, text), settled, strings.said.renamed(text));
    });
    const boxes = axes.map((_, axis) =>
      numberBox(wrong, (x, settled) => {
        if (place() < 0) return;
        const { at } = keeper.state.words[place()];
        const next = /** @type {Place} */ (/** @type {unknown} */ (at.with(axis, x)));
        entered(keeper, x === at[axis] ? {} : move(keeper.state, id, next), settled, strings.said.moved(name(), spoken(axes, next)));
      }),
    );
    const up = button("vxl-goat-icon", "↑", () => {
      const sheet = earlier(keeper.state, id);
      keeper.change(sheet, { said: strings.said.earlier(name(), find(sheet, id) + 1) });
      up.focus({ preventScroll: true }); // the row was put elsewhere
    });
    const out = button("vxl-goat-icon", "×", () =>
      problems.try(more, () => {
        const i = place();
        keeper.change(remove(keeper.state, id), { said: strings.said.removed(name()) });
        const next = body.children[Math.min(i, body.children.length - 1)]?.querySelector("button:last-of-type");
        if (next instanceof HTMLElement) next.focus({ preventScroll: true });
      }),
    );
    const cells = [word.element, ...boxes.map((box) => box.element), up, out].map((cell) => html("td", {}, cell));
    const message = html("td", { colspan: cells.length, class: "vxl-goat-wrong" }, wrong.element);
    const line = html("tr", { "data-word": id }, ...cells, message);
    return {
      element: line,
      /** @param {Word} one @param {string} label @param {number} i @param {boolean} asks */
      update(one, label, i, asks) {
        word.show(one.word, strings.wordOf(i + 1));
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
    for (const [id, { element }] of rows) {
      if (find(keeper.state, id) >= 0) continue;
      element.remove();
      rows.delete(id);
    }
    words.forEach((word, i) => {
      const one = rows.get(word.id) ?? row(word.id);
      rows.set(word.id, one);
      if (body.children[i] !== one.element) body.insertBefore(one.element, body.children[i] ?? null);
      one.update(word, labels[i], i, word.id === asks);
    });
    if (words.length < MOST_WORDS && words.length > 1) problems.say(more);
  }

  return { element, update };
}

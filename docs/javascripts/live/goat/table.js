// The words as a table: a box for the word, one for each of its numbers, and its place in the row.

import { button, html } from "@vitexplain/explorer/dom.js";
import { strings } from "../../strings/goat.js";
import { numberBox, Problems } from "./box.js";
import { add, earlier, find, labelsOf, MOST_WORDS, move, remove, rename, show } from "./sheet.js";

/** @import { History } from "./history.js" */
/** @import { Place, Word } from "./types.js" */

/**
 * @param {[string, string]} axes
 * @param {History} history
 */
export function table(axes, history) {
  const head = html(
    "tr",
    {},
    ...[strings.word, ...axes].map((name) => html("th", { scope: "col" }, name)),
    html("td", { colspan: 2 }),
  );
  const body = html("tbody");
  const grid = html("table", { class: "vxl-goat-table" }, html("caption", {}, strings.words), html("thead", {}, head), body);
  const problems = new Problems();
  const more = button("vxl-goat-add", strings.add, () => {
    problems.try(more, () => {
      const sheet = add(history.sheet, freshName());
      const { word, at } = sheet.words[sheet.words.length - 1];
      history.change(sheet, { said: strings.said.added(word, spoken(at)) });
      const box = [...body.querySelectorAll("input")].at(-axes.length - 1);
      box?.focus({ preventScroll: true });
      box?.select();
    });
  });
  const element = html("div", { class: "vxl-controls vxl-goat-words" }, grid, more, problems.element);
  /** @type {Map<number, ReturnType<typeof row>>} */
  const rows = new Map();

  const spoken = (/** @type {Place} */ at) => strings.place(axes, at.map((x) => show(x)));

  /** A name that no word has yet. */
  function freshName() {
    const taken = new Set(history.sheet.words.map(({ word }) => word));
    for (let i = 1; ; i++) {
      const name = i === 1 ? strings.fresh : `${strings.fresh}${i}`;
      if (!taken.has(name)) return name;
    }
  }

  /** @param {number} id */
  function row(id) {
    const wrong = new Problems();
    const at = () => history.sheet.words[find(history.sheet, id)].at;
    const word = html("input", { type: "text", class: "vxl-goat-name", autocomplete: "off", autocapitalize: "off", spellcheck: "false", enterkeyhint: "done" });
    word.addEventListener("change", () =>
      wrong.try(word, () => {
        const sheet = rename(history.sheet, id, word.value);
        history.change(sheet, { said: strings.said.renamed(sheet.words[find(sheet, id)].word) });
      }),
    );
    word.addEventListener("keydown", ({ key }) => {
      if (key !== "Escape") return;
      wrong.say(word);
      word.value = history.sheet.words[find(history.sheet, id)].word;
    });
    const boxes = axes.map((name, axis) =>
      numberBox({
        name,
        problems: wrong,
        act(x, settled) {
          if (find(history.sheet, id) < 0) return;
          const next = /** @type {Place} */ (/** @type {unknown} */ (at().map((old, i) => (i === axis ? x : old))));
          const said = settled ? strings.said.moved(word.value, spoken(next)) : "";
          if (String(next) !== String(at())) history.change(move(history.sheet, id, next), { settled, said });
          else if (settled && history.open) history.change(history.sheet, { said });
        },
      }),
    );
    const up = button("vxl-goat-icon", "↑", () => {
      const sheet = earlier(history.sheet, id);
      history.change(sheet, { said: strings.said.earlier(word.value, find(sheet, id) + 1) });
      up.focus({ preventScroll: true }); // the row was put elsewhere
    });
    const out = button("vxl-goat-icon", "×", () =>
      problems.try(more, () => {
        const i = find(history.sheet, id);
        history.change(remove(history.sheet, id), { said: strings.said.removed(word.value) });
        const next = body.children[Math.min(i, body.children.length - 1)]?.querySelector("button:last-of-type");
        if (next instanceof HTMLElement) next.focus({ preventScroll: true });
      }),
    );
    const cells = [word, ...boxes.map(({ element }) => element), up, out].map((cell) => html("td", {}, cell));
    const message = html("td", { colspan: cells.length, class: "vxl-goat-wrong" }, wrong.element);
    const line = html("tr", { "data-word": id }, ...cells, message);
    let shown = "";
    return {
      element: line,
      /** @param {Word} one @param {string} label @param {number} i @param {boolean} asks */
      update(one, label, i, asks) {
        if (one.word !== shown) {
          shown = one.word;
          word.value = one.word;
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
    const { words } = history.sheet;
    for (const [id, one] of rows) if (find(history.sheet, id) < 0) (one.element.remove(), rows.delete(id));
    const labels = labelsOf(words);
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

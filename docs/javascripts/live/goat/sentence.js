// Which words: examples to choose from, and the sentence to type.

import { html, uid } from "@vitexplain/explorer/dom.js";
import { strings } from "../../strings/goat.js";
import { entered, entry, Problems } from "./box.js";
import { MOST_WORDS, retype, written } from "./sheet.js";

/** @import { Keeper } from "@vitexplain/explorer/keeper.js" */
/** @import { GoatConfig, Sheet } from "./sheet.js" */

/**
 * @param {GoatConfig["sentences"]} sentences
 * @param {Keeper<Sheet>} keeper
 * @param {(i: number) => void} choose
 */
export function examples(sentences, keeper, choose) {
  const id = uid("example");
  const own = html("option", { value: "", disabled: true, hidden: true }, strings.own);
  const select = html("select", { id, class: "vxl-goat-example" }, own, ...sentences.map(({ name }, i) => html("option", { value: i }, name)));
  const element = html("div", { class: "vxl-controls vxl-goat-top" }, html("label", { for: id }, strings.sentences), select);
  select.addEventListener("change", () => choose(Number(select.value)));

  /** Whether an example is there as it was given. @param {GoatConfig["sentences"][number]} sentence */
  function isThere({ words, embeddings }) {
    const now = keeper.state.words;
    return now.length === words.length && now.every(({ word, at }, i) => word === words[i] && String(at) === String(embeddings[i]));
  }

  function update() {
    const one = sentences.findIndex(isThere);
    select.value = one < 0 ? "" : String(one);
  }

  return { element, update };
}

/** @param {Keeper<Sheet>} keeper */
export function sentence(keeper) {
  const id = uid("sentence");
  const problems = new Problems();
  const how = {
    read: (/** @type {string} */ text) => retype(keeper.state, text),
    plain: (/** @type {Sheet} */ { words }) => written(words),
    more: { id, autocapitalize: "sentences" },
  };
  const typed = entry("vxl-goat-sentence", problems, how, (sheet, settled) => {
    const same = written(sheet.words) === written(keeper.state.words);
    entered(keeper, same ? {} : sheet, settled, strings.said.sentence(sheet.words.length));
  });
  const element = html(
    "form",
    { class: "vxl-controls vxl-goat-form" },
    html("label", { for: id }, strings.sentence),
    typed.element,
    html("button", { type: "submit", class: "vx-button" }, strings.apply),
    problems.element,
    html("p", { class: "vxl-note" }, strings.sentenceHelp(MOST_WORDS)),
  );
  element.addEventListener("submit", (event) => {
    event.preventDefault();
    typed.settle();
  });
  return { element, update: () => typed.show(keeper.state) };
}

// Which words: examples to choose from, and the sentence to type.

import { html, uid } from "@vitexplain/explorer/dom.js";
import { strings } from "../../strings/goat.js";
import { Problems } from "./box.js";
import { MOST_WORDS, retype, written } from "./sheet.js";

/** @import { History } from "./history.js" */
/** @import { GoatConfig } from "./types.js" */

/**
 * @param {GoatConfig["sentences"]} sentences
 * @param {History} history
 * @param {(i: number) => void} choose
 */
export function examples(sentences, history, choose) {
  const id = uid("example");
  const own = html("option", { value: "", disabled: true, hidden: true }, strings.own);
  const choice = html("select", { id, class: "vxl-goat-example" }, own, ...sentences.map(({ name }, i) => html("option", { value: i }, name)));
  const element = html("div", { class: "vxl-controls vxl-goat-top" }, html("label", { for: id }, strings.sentences), choice);
  choice.addEventListener("change", () => choose(Number(choice.value)));

  /** Whether an example is there as it was given. @param {GoatConfig["sentences"][number]} sentence */
  function isThere({ words, embeddings }) {
    const now = history.sheet.words;
    return now.length === words.length && now.every(({ word, at }, i) => word === words[i] && String(at) === String(embeddings[i]));
  }

  function update() {
    const one = sentences.findIndex(isThere);
    choice.value = one < 0 ? "" : String(one);
  }

  return { element, update };
}

/** @param {History} history */
export function sentence(history) {
  const id = uid("sentence");
  const typed = html("input", { id, type: "text", class: "vxl-goat-sentence", autocomplete: "off", spellcheck: "false", enterkeyhint: "done" });
  const problems = new Problems();
  const use = html("button", { type: "submit", class: "vx-button" }, strings.apply);
  const element = html(
    "form",
    { class: "vxl-controls vxl-goat-form" },
    html("label", { for: id }, strings.sentence),
    typed,
    use,
    problems.element,
    html("p", { class: "vxl-goat-note" }, strings.sentenceHelp(MOST_WORDS)),
  );
  let there = "";

  function take() {
    if (typed.value === there && !typed.hasAttribute("aria-invalid")) return;
    problems.try(typed, () => {
      const sheet = retype(history.sheet, typed.value);
      history.change(sheet, { said: strings.said.sentence(sheet.words.length) });
      typed.value = there = written(sheet.words);
    });
  }

  element.addEventListener("submit", (event) => {
    event.preventDefault();
    take();
  });
  typed.addEventListener("change", take);
  typed.addEventListener("keydown", ({ key }) => {
    if (key !== "Escape") return;
    problems.say(typed);
    typed.value = there;
  });

  function update() {
    const now = written(history.sheet.words);
    if (now === there) return;
    there = typed.value = now;
    problems.say(typed);
  }

  return { element, update };
}

// Which sentence: examples, the sentence to type in, undo and redo, reset, and a link to it.

import { button, enable, html, uid } from "../../explorer/dom.js";
import { strings } from "../../strings/goat.js";
import { Problems } from "./box.js";
import { MOST_WORDS, retype, written } from "./sheet.js";

/** @import { History } from "./history.js" */
/** @import { GoatConfig } from "./types.js" */

/**
 * @param {GoatConfig} config
 * @param {History} history
 * @param {object} on
 * @param {(i: number) => void} on.example
 * @param {() => void} on.reset
 * @param {() => string} on.link the address of what is there now
 * @param {(text: string) => void} on.say
 */
export function top({ sentences }, history, { example, reset: again, link, say }) {
  const ids = { example: uid("example"), sentence: uid("sentence"), link: uid("link") };
  const own = html("option", { value: "", disabled: true, hidden: true }, strings.own);
  const choice = html("select", { id: ids.example, class: "vxl-goat-example" }, own, ...sentences.map(({ name }, i) => html("option", { value: i }, name)));
  const typed = html("input", { id: ids.sentence, type: "text", class: "vxl-goat-sentence", autocomplete: "off", spellcheck: "false", enterkeyhint: "done" });
  const problems = new Problems();
  const help = html("p", { class: "vxl-goat-note", id: uid("help") }, strings.sentenceHelp(MOST_WORDS));
  const use = html("button", { type: "submit", class: "vx-button" }, strings.apply);
  const form = html("form", { class: "vxl-goat-form" }, html("label", { for: ids.sentence }, strings.sentence), typed, use);
  const undo = button("", strings.undo, () => history.undo(strings.said.undone));
  const redo = button("", strings.redo, () => history.redo(strings.said.redone));
  const reset = button("", strings.reset, again);
  const address = html("input", { type: "text", id: ids.link, readonly: true, "aria-label": strings.link });
  const shown = html("div", { class: "vxl-goat-link", hidden: true }, html("label", { for: ids.link }, strings.link), address);
  const copy = button("", strings.copy, async () => {
    const url = link();
    try {
      await navigator.clipboard.writeText(url);
      say(strings.copied);
      shown.hidden = true;
      copy.textContent = "✓ " + strings.copy;
      setTimeout(() => (copy.textContent = strings.copy), 2000);
    } catch {
      address.value = url; // no clipboard here: the reader copies it
      shown.hidden = false;
      address.focus();
      address.select();
    }
  });
  const element = html(
    "div",
    { class: "vxl-controls vxl-goat-top" },
    html("div", { class: "vxl-goat-form" }, html("label", { for: ids.example }, strings.sentences), choice),
    form,
    problems.element,
    help,
    html("div", { class: "vxl-row" }, undo, redo, reset, copy),
    shown,
  );
  let there = "";

  choice.addEventListener("change", () => example(Number(choice.value)));
  const take = () => {
    if (typed.value === there && !typed.hasAttribute("aria-invalid")) return;
    problems.try(typed, () => {
      const sheet = retype(history.sheet, typed.value);
      history.change(sheet, { said: strings.said.sentence(sheet.words.length) });
      typed.value = there = written(sheet.words);
    });
  };
  form.addEventListener("submit", (event) => {
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
    const { words } = history.sheet;
    const now = written(words);
    if (now !== there) {
      there = typed.value = now;
      problems.say(typed);
    }
    const one = sentences.findIndex((sentence) => isOf(sentence));
    choice.value = one < 0 ? "" : String(one);
    enable(undo, history.canUndo, reset);
    enable(redo, history.canRedo, reset);
  }

  /** Whether an example is there as it was given. @param {GoatConfig["sentences"][number]} sentence */
  function isOf({ words, embeddings }) {
    const now = history.sheet.words;
    return now.length === words.length && now.every(({ word, at }, i) => word === words[i] && String(at) === String(embeddings[i]));
  }

  return { element, update };
}

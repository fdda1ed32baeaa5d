// What the model says now, and beside it: logits, and the attention of the chosen query.

import { html } from "@vitexplain/explorer/dom.js";
import { strings } from "../../strings/lab.js";
import { percent, probabilities } from "./certainty.js";
import { logits } from "./logits.js";
import { className, logitsOf, lookOf, mapName, tokensOf } from "./show.js";
import { twins } from "./twins.js";

/** @import { AttentionExplorer } from "@vitexplain/explorer/element.js" */
/** @import { Answer, LabConfig, State } from "./state.js" */

/**
 * @param {State} state
 * @param {AttentionExplorer} explorer
 * @param {LabConfig["first"]} first Python's answers to the first sample, shown until there are others
 */
export function result(state, explorer, first) {
  const numbers = logits();
  const pair = twins((patch) => (explorer.state = { query: state.about.prefix + patch }));
  const note = html("p", { class: "vxl-lab-hint", hidden: true }, strings.answer.perPatch);
  const element = html("div", { class: "vxl-lab-result" }, numbers.element, note, pair.element);

  /** @param {Answer | null} now @param {Answer | null} beside */
  function update(now, beside) {
    const { layer, head, query } = lookOf(explorer);
    const about = now?.about ?? state.about;
    const [mine, other] = names(state);
    const values = now ? logitsOf(now, query) : (first[state.state.model] ?? null);
    // The same patch in a model with other tokens before its patches.
    const there = twinOf(query, about.prefix, beside?.about.prefix ?? about.prefix);
    const others = beside && logitsOf(beside, there ?? 0);
    numbers.update(values && { name: mine, values, about }, others && { name: other, values: others, about: beside.about }, (i) => className(about, i));
    note.hidden = about.readout !== "patches";
    if (layer === null || head === null) return;
    const token = tokensOf(about)[query]?.label ?? "";
    pair.update(strings.twins.title(mapName(layer, head), token), [
      { name: mine, answer: now, look: { layer, head, query } },
      { name: other, answer: beside, look: there === null ? null : { layer, head, query: there } },
    ]);
  }

  /** The largest logit in words, or null. @param {Answer} now */
  function best(now) {
    const values = logitsOf(now, lookOf(explorer).query);
    if (!values) return null;
    const i = values.indexOf(Math.max(...values));
    return strings.answer.said(className(now.about, i), percent(probabilities(values, now.about)[i]));
  }
  return { element, update, best };
}

/** What the two columns are called. @param {State} state */
function names({ twin, state: { beside, model, slot } }) {
  const { slots } = strings.picture;
  const { short } = strings.models;
  if (beside === "model") return [short[model], short[twin]];
  if (beside === "picture") return [slots[slot], slots[slot === "a" ? "b" : "a"]];
  return [strings.answer.now, strings.beside.before];
}

/** @param {number} query @param {number} prefix @param {number} other tokens before the patches of the other model */
function twinOf(query, prefix, other) {
  if (prefix === other) return query;
  return query < prefix ? null : query - prefix + other;
}

// What the model makes of the picture: before, of the untouched face, beside now.

import { row, strongest } from "@vitexplain/explorer/data.js";
import { fixed, html, number, settle } from "@vitexplain/explorer/dom.js";
import { strings } from "../../strings/face.js";
import { tokensOf } from "./studio.js";

/** @import { AttentionExplorer } from "@vitexplain/explorer/element.js" */
/** @import { State } from "@vitexplain/explorer/types.js" */
/** @import { Result } from "./ask.js" */

const [MATCH, DIFFER] = [1, 2]; // of the model's tags; 0 is no eye
const BRIEF = 1; // decimals of a logit

/** @param {AttentionExplorer} explorer */
export function answer(explorer) {
  const columns = (/** @type {string[]} */ texts) => texts.map((text) => html("th", { scope: "col" }, text));
  const body = html("tbody");
  const head = html("thead", {}, html("tr", {}, html("td"), ...columns([strings.before, strings.now])));
  const table = html("table", { class: "vxl-face-answer" }, head, body);
  const waiting = html("p", { class: "vxl-note" }, strings.waiting);
  const every = html("tbody");
  const names = html("thead", {}, html("tr", {}, ...columns([strings.patch, ...strings.tags])));
  const list = html("table", { class: "vxl-face-every" }, html("caption", {}, strings.everyCaption), names, every);
  const scroll = html("div", { class: "vxl-face-scroll", tabindex: 0, role: "region", "aria-label": strings.every }, list);
  const more = html("details", { class: "vxl-face-more" }, html("summary", {}, strings.every), scroll);
  const element = html("div", { class: "vxl-face-answers" }, waiting, table, more);
  /** @type {{before: Result, now: Result} | null} */
  let shown = null;
  const state = () => /** @type {State} */ (explorer.state);
  update();

  function update() {
    waiting.hidden = shown !== null;
    table.hidden = shown === null;
    more.hidden = !shown?.now.answers;
    if (!shown || explorer.data?.examples !== shown.now.data.examples) return; // the next is on its way
    const { before, now } = shown;
    settle(body, [...(now.answers ? answers(before, now) : [line(strings.answer, strings.noAnswer, strings.noAnswer)]), hearing(before, now)]);
    if (now.answers && more.open) fill(now);
  }
  more.addEventListener("toggle", update);

  /** What all patches say together, and each eye. @param {Result} before @param {Result} now */
  function answers(before, now) {
    const eye = (/** @type {number} */ tile) => {
      const said = [before, now].map((one) => {
        const place = one.picture.tiles.indexOf(tile);
        const found = one.answers?.[place];
        return found ? strings.ahead(strings.tags[found.tag], fixed(found.ahead, BRIEF)) : strings.gone;
      });
      return line(strings.says(now.face.names[tile]), said[0], said[1]);
    };
    return [line(strings.answer, together(before), together(now), "vxl-face-verdict"), ...now.face.eyes.map(eye)];
  }

  /** Whom the chosen query hears most. @param {Result} before @param {Result} now */
  function hearing(before, now) {
    const { query } = state();
    const { label } = tokensOf(now.picture, now.face)[query];
    const said = [loudest(before, now.picture.tiles[query]), loudest(now, query)];
    const [first, second] = said.map(({ name, weight }) => html("span", {}, `${name} `, number(weight)));
    return line(strings.hears(label), first, second);
  }

  /** The token that a query hears most, and its weight. @param {Result} result @param {number} query */
  function loudest({ data, picture, face }, query) {
    const weights = row(data.examples[0].maps[state().map].weights, query);
    const [key] = strongest(weights, 1);
    return { name: tokensOf(picture, face)[key].label, weight: weights[key] };
  }

  /** The logits of every patch. @param {Result} now */
  function fill({ picture, face, answers: said }) {
    const rows = tokensOf(picture, face).map(({ label }, place) => {
      const { tag, logits } = /** @type {NonNullable<typeof said>} */ (said)[place];
      const cells = [...Array(logits.length).keys()].map((i) =>
        html("td", { class: i === tag && "vxl-face-largest" }, number(logits[i], 2)),
      );
      return html("tr", {}, html("th", { scope: "row" }, label), ...cells);
    });
    settle(every, rows);
  }

  return {
    element,
    update,
    /** @param {Result} before @param {Result} now */
    show(before, now) {
      shown = { before, now };
      update();
    },
    /** The answer in a sentence. */
    said() {
      if (!shown) return "";
      const { now } = shown;
      if (now.answers) return together(now);
      const { query } = state();
      const { name, weight } = loudest(now, query);
      return strings.heard(tokensOf(now.picture, now.face)[query].label, name, fixed(weight));
    },
  };
}

/** @param {string} name @param {string | Node} before @param {string | Node} now @param {string} [kind] */
function line(name, before, now, kind = "") {
  return html("tr", kind ? { class: kind } : {}, html("th", { scope: "row" }, name), html("td", {}, before), html("td", {}, now));
}

/** @param {Result} result */
function together({ answers }) {
  const count = (/** @type {number} */ tag) => (answers ?? []).filter((said) => said.tag === tag).length;
  return strings.verdict(count(MATCH), count(DIFFER));
}

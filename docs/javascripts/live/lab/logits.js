// The answer: each class' probability as a bar, and with its logit as numbers, now and beside it another.

import { html, number, settle, write } from "@vitexplain/explorer/dom.js";
import { strings } from "../../strings/lab.js";
import { isStrange, percent, probabilities } from "./certainty.js";

const FEW = 12; // classes: all of them, in their own order; of more, the largest

/** @import { About } from "../protocol.js" */

/** What a model says: logits, and how to read them. @typedef {{name: string, values: ArrayLike<number>, about: About}} Column */

export function logits() {
  const say = strings.answer;
  const [head, body] = [html("tr"), html("tbody")];
  const table = html("table", { class: "vxl-lab-logits" }, html("caption", { class: "vxl-sr" }, say.caption), html("thead", {}, head), body);
  const top = html("p", { class: "vxl-lab-top" });
  const note = html("p", { class: "vxl-lab-hint" });
  const element = html("div", { class: "vxl-lab-answer" }, top, table, note);

  /** @param {Column | null} now @param {Column | null} beside @param {(i: number) => string} label */
  function update(now, beside, label) {
    const count = now?.values.length ?? 0;
    table.hidden = now === null;
    note.hidden = now !== null && count <= FEW;
    write(note, now ? say.some(FEW, count) : say.none);
    if (!now) return settle(top, []);
    const columns = beside ? [now, beside] : [now];
    const order = largest(now.values);
    const rows = count <= FEW ? [...order.keys()] : order.slice(0, FEW);
    const shares = columns.map(({ values, about }) => probabilities(values, about));
    const line = (/** @type {number} */ i) => {
      const bars = shares.map((share, at) =>
        html("span", { class: at ? "vxl-lab-bar vxl-lab-beside" : "vxl-lab-bar", style: `--to: ${100 * share[i]}%` }),
      );
      const numbers = columns.map(({ values }, at) => html("td", {}, html("span", { class: "vxl-lab-share" }, percent(shares[at][i])), " ", number(values[i], 2, "vxl-lab-logit")));
      return html("tr", { class: i === order[0] && "vxl-lab-best" }, html("th", { scope: "row" }, label(i)), html("td", { class: "vxl-lab-bars", "aria-hidden": "true" }, ...bars), ...numbers);
    };
    const name = (/** @type {string} */ text) => html("th", { scope: "col" }, text);
    settle(head, [name(say.label), html("td"), ...columns.map((one) => name(one.name))]);
    settle(body, rows.map(line));
    const other = beside && html("span", {}, say.other(beside.name, label(largest(beside.values)[0])));
    const doubt = isStrange(now.values, now.about) && html("span", { class: "vxl-lab-doubt" }, ` ${say.strange}`);
    settle(top, [html("strong", {}, say.top(label(order[0]))), ...[doubt, other].flatMap((one) => one || [])]);
  }

  return { element, update };
}

/** Places from the largest value to the smallest. @param {ArrayLike<number>} values */
function largest(values) {
  return Array.from({ length: values.length }, (_, i) => i).sort((a, b) => values[b] - values[a] || a - b);
}

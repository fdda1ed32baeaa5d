// The answer: each class' logit, now and beside it another, as bars and as numbers.

import { fixed, html } from "@vitexplain/explorer/dom.js";
import { strings } from "../../strings/lab.js";

const FEW = 12; // classes: all of them, in their own order; of more, the largest

/** @typedef {{name: string, values: ArrayLike<number>}} Column */

export function logits() {
  const say = strings.answer;
  const names = [html("th", { scope: "col" }), html("th", { scope: "col" })];
  const body = html("tbody");
  const head = html("tr", {}, html("th", { scope: "col" }, say.label), html("td", {}), ...names);
  const table = html("table", { class: "vxl-lab-logits" }, html("caption", { class: "vxl-sr" }, say.caption), html("thead", {}, head), body);
  const top = html("p", { class: "vxl-lab-top" });
  const note = html("p", { class: "vxl-lab-hint" });
  const element = html("div", { class: "vxl-lab-answer" }, top, table, note);
  /** @type {ReturnType<typeof line>[]} */ let lines = [];

  /** @param {Column | null} now @param {Column | null} beside @param {(i: number) => string} label */
  function update(now, beside, label) {
    table.hidden = now === null;
    note.hidden = now !== null && now.values.length <= FEW;
    if (!now) {
      top.textContent = "";
      note.textContent = say.none;
      return;
    }
    const order = largest(now.values);
    const rows = now.values.length <= FEW ? Array.from(now.values, (_, i) => i) : order.slice(0, FEW);
    note.textContent = say.some(rows.length, now.values.length);
    const all = rows.flatMap((i) => [now.values[i], beside?.values[i] ?? 0]);
    const [low, high] = [Math.min(0, ...all), Math.max(0, ...all)];
    names[0].textContent = now.name;
    names[1].textContent = beside?.name ?? "";
    names[1].hidden = !beside;
    while (lines.length < rows.length) lines.push(line());
    lines = lines.slice(0, rows.length);
    body.replaceChildren(...lines.map(({ element }) => element));
    rows.forEach((i, at) => lines[at].update(label(i), now.values[i], beside ? beside.values[i] : null, { low, high, first: i === order[0] }));
    const other = beside && largest(beside.values)[0];
    const answer = say.top(label(order[0]));
    top.replaceChildren(html("strong", {}, answer), ...(beside && other !== null ? [html("span", {}, say.other(beside.name, label(other)))] : []));
  }

  return { element, update };
}

function line() {
  const [name, first, second] = [html("th", { scope: "row" }), html("data"), html("data")];
  const bars = [html("span", { class: "vxl-lab-bar" }), html("span", { class: "vxl-lab-bar vxl-lab-beside" })];
  const other = html("td", {}, second);
  const element = html("tr", {}, name, html("td", { class: "vxl-lab-bars", "aria-hidden": "true" }, ...bars), html("td", {}, first), other);

  /** @param {string} label @param {number} now @param {number | null} beside @param {{low: number, high: number, first: boolean}} range */
  function update(label, now, beside, { low, high, first: best }) {
    name.textContent = label;
    element.classList.toggle("vxl-lab-best", best);
    const place = (/** @type {number} */ x) => `${(100 * (x - low)) / (high - low || 1)}%`;
    [now, beside].forEach((value, i) => {
      bars[i].hidden = value === null;
      bars[i].style.setProperty("--from", place(Math.min(0, value ?? 0)));
      bars[i].style.setProperty("--to", place(Math.max(0, value ?? 0)));
    });
    show(first, now);
    other.hidden = beside === null;
    if (beside !== null) show(second, beside);
  }
  return { element, update };
}

/** @param {HTMLDataElement} data @param {number} x */
function show(data, x) {
  data.value = data.title = String(x);
  data.textContent = fixed(x, 2);
}

/** Places from the largest value to the smallest. @param {ArrayLike<number>} values */
function largest(values) {
  return Array.from({ length: values.length }, (_, i) => i).sort((a, b) => values[b] - values[a] || a - b);
}

// The panel beside the machine: where one is, and what is there. Its menus lead to every number, too.

import { button, fixed, html } from "@vitexplain/explorer/dom.js";
import { strings } from "../../strings/machine.js";
import { percent, probabilities } from "../lab/certainty.js";
import { className } from "../lab/show.js";
import { formula } from "./formula.js";
import { idOf, valuesOf } from "./plan.js";
import { madeOf } from "./terms.js";

/** @import { About } from "../protocol.js" */
/** @import { Axis, Stage } from "./plan.js" */
/** @import { Machine } from "./settings.js" */
/** @import { Cell, Known } from "./terms.js" */

/** @typedef {{cell: (cell: Cell | null) => void, stage: (id: string) => void, panel: (i: number) => void, all: () => void, put: (field: "off" | "cut", i: number, on: boolean) => void}} Ways */

/** @param {About} about @param {Map<string, Stage>} plan @param {Ways} ways */
export function place(about, plan, ways) {
  const say = strings.place;
  const axis = (/** @type {Axis} */ kind, /** @type {number} */ i) => {
    if (kind === "class") return className(about, i);
    const name = kind === "key" ? "token" : kind;
    return strings.axes[name](i, { prefix: about.prefix, cols: about.grid[1] });
  };
  const where = (/** @type {Stage} */ { layer, head, kind }) =>
    [strings.panel(kind === "pixel" || kind === "embed" ? 0 : 1, layer, layer === null && !["pixel", "embed"].includes(kind)), ...(head === null ? [] : [strings.head(head)])];
  const called = (/** @type {Cell} */ { id, row, col }) => {
    const stage = /** @type {Stage} */ (plan.get(id));
    const [r, c] = [axis(stage.axes[0], row), axis(stage.axes[1], col)];
    const pair = stage.axes[1] === "key" ? [`${r} → ${c}`] : [r, c];
    return [...where(stage), strings.stages[stage.name].name, ...pair].filter(Boolean).join(", ");
  };

  const crumbs = html("nav", { class: "vxl-machine-crumbs", "aria-label": say.legend });
  const stages = html("select", { "aria-label": say.stage }, html("option", { value: "" }, say.none));
  /** @type {Map<string, HTMLOptGroupElement>} */ const groups = new Map();
  for (const stage of plan.values()) {
    const group = where(stage)[0];
    if (!groups.has(group)) groups.set(group, html("optgroup", { label: group }));
    const name = [strings.stages[stage.name].short, ...(stage.head === null ? [] : [strings.head(stage.head)])].join(", ");
    groups.get(group)?.append(html("option", { value: stage.id }, name));
  }
  stages.append(...groups.values());
  stages.addEventListener("change", () => (stages.value ? ways.cell({ id: stages.value, row: 0, col: 0 }) : ways.cell(null)));
  const steps = (/** @type {string} */ label) => html("input", { type: "number", min: 0, value: 0, "aria-label": label });
  const [row, col] = [steps(say.row), steps(say.column)];
  for (const input of [row, col]) {
    input.addEventListener("change", () => {
      const stage = plan.get(stages.value);
      if (!stage) return;
      const [r, c] = [row, col].map((one, i) => Math.max(0, Math.min(Math.round(Number(one.value)) || 0, (i ? stage.cols : stage.rows) - 1)));
      ways.cell({ id: stage.id, row: r, col: c });
    });
  }
  const menus = html("div", { class: "vxl-machine-menus" }, stages, row, col);
  const body = html("div", { class: "vxl-machine-body" });
  const element = html("section", { class: "vxl-machine-place", "aria-label": say.legend }, crumbs, menus, body);

  /** @param {Known} known @param {Machine} state */
  function update(known, { at, token, off, cut }) {
    const stage = at && plan.get(at.id);
    stages.value = at?.id ?? "";
    for (const [input, most, value] of /** @type {const} */ ([[row, stage?.rows, at?.row], [col, stage?.cols, at?.col]])) {
      input.disabled = !stage;
      input.max = String((most ?? 1) - 1);
      input.value = String(value ?? 0);
    }
    const ways2 = [button("vxl-machine-link", strings.machine, ways.all)];
    if (at && stage) {
      const [panel, head] = where(stage);
      const i = stage.layer === null ? (stage.kind === "pixel" || stage.kind === "embed" || stage.name === "projected" ? 0 : about.layers + 1) : stage.layer + 1;
      ways2.push(button("vxl-machine-link", panel, () => ways.panel(i)));
      if (head) ways2.push(button("vxl-machine-link", head, () => ways.stage(idOf("weights", stage.layer, stage.head))));
      ways2.push(button("vxl-machine-link", strings.stages[stage.name].short, () => ways.stage(stage.id)));
    }
    crumbs.replaceChildren(...ways2.flatMap((one, i) => (i ? [" › ", one] : [one])));
    if (!known.outputs.logits) return body.replaceChildren(html("p", {}, say.start));
    if (!at || !stage) return body.replaceChildren(html("p", {}, say.start), lens(known, token));
    const made = madeOf(known, at);
    body.replaceChildren(
      html("p", {}, html("strong", {}, `${strings.stages[stage.name].name}. `), strings.stages[stage.name].what),
      html("p", { class: "vxl-machine-value" }, [axis(stage.axes[0], at.row), axis(stage.axes[1], at.col)].filter(Boolean).join(stage.axes[1] === "key" ? " → " : ", "), ": ", html("data", { value: made.value }, fixed(made.value))),
      ...formula(made, called, (cell) => ways.cell(cell)),
      ...switches(stage, off, cut),
    );
  }

  /** What can be switched off where one is. @param {Stage} stage @param {Set<number>} off @param {Set<number>} cut */
  function switches({ name, layer, head }, off, cut) {
    if (layer === null) return [];
    const branch = ["residual", "attention", "output", "mlp"].indexOf(name);
    if (head === null && branch < 0) return [];
    const [field, all, i] = head !== null ? /** @type {const} */ (["off", off, layer * about.heads + head]) : /** @type {const} */ (["cut", cut, 4 * layer + branch]);
    const what = head !== null ? strings.head(head) : strings.change.partCol[branch];
    return [button("", all.has(i) ? say.on(what) : say.off(what), () => ways.put(field, i, !all.has(i)))];
  }

  /** What the head would say of a token after each block. @param {Known} known @param {number} token */
  function lens({ outputs }, token) {
    const rows = Array.from({ length: about.layers }, (_, layer) => {
      const values = /** @type {Float32Array} */ (valuesOf(/** @type {Stage} */ (plan.get(idOf("lens", layer))), outputs));
      const shares = probabilities(values.subarray(token * about.classes, (token + 1) * about.classes), about);
      const best = shares.indexOf(Math.max(...shares));
      const go = button("vxl-machine-link", say.after(layer), () => ways.panel(layer + 1));
      const bar = html("span", { class: "vxl-machine-bar", "aria-hidden": "true" });
      bar.style.setProperty("--share", String(shares[best]));
      return html("tr", {}, html("th", { scope: "row" }, go), html("td", {}, className(about, best)), html("td", { class: "vxl-machine-sum" }, percent(shares[best]), bar));
    });
    return html("table", { class: "vxl-machine-terms" }, html("caption", {}, `${say.lens}. ${say.lensNote(axis("token", token))}`), html("tbody", {}, ...rows));
  }

  return { element, update, called, token: (/** @type {number} */ i) => axis("token", i) };
}


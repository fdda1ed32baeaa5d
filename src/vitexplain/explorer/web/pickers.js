// What to look at: the example, and the map by its name or by its layer and head. Few choices
// are radio buttons; many are a list with a button on each side.

import { button, enable, html, uid, write } from "./dom.js";
import { headsOf } from "./maps.js";
import { strings } from "./strings/explorer.js";

/** @import { Store } from "./store.js" */

/** @typedef {{element: HTMLElement, update: (texts: string[], chosen: number) => void}} Choice */
/** @typedef {{label: string, unseen?: boolean, before?: string, after?: string, choose: (i: number) => void}} Question */

const FEW = 6;

/** @param {Store} store */
export function pickers(store) {
  const { examples } = store.data;
  const { maps } = store.example;
  const { layers } = store;
  const note = html("p", { class: "vx-note" });
  /** @type {Array<{choice: Choice, now: () => [string[], number]}>} */
  const made = [];
  const ask = (/** @type {number} */ most, /** @type {Question} */ question, /** @type {() => [string[], number]} */ now) => {
    if (most < 2) return;
    made.push({ choice: most <= FEW ? radios(question) : menu(question), now });
  };
  const say = strings;
  ask(
    examples.length,
    { label: say.examples, before: say.exampleBefore, after: say.exampleAfter, choose: (example) => store.set({ example }, "token") },
    () => [store.data.examples.map(({ name }) => name), store.state.example],
  );
  if (layers.length) {
    const most = Math.max(...layers.map((layer) => headsOf(maps, layer).length));
    ask(
      layers.length,
      { label: say.layer, before: say.layerBefore, after: say.layerAfter, choose: (i) => store.set({ layer: store.layers[i] }, "token") },
      () => [store.layers.map(String), store.layers.indexOf(store.state.layer ?? 0)],
    );
    ask(
      most,
      { label: say.head, before: say.headBefore, after: say.headAfter, choose: (i) => store.set({ head: store.heads[i] }, "token") },
      () => [
        store.heads.map((head) => (typeof head === "number" ? String(head) : say.heads[head])),
        store.heads.findIndex((head) => head === store.state.head),
      ],
    );
  } else {
    ask(
      Math.min(maps.length, FEW), // names are long: they stay where one sees them
      { label: say.maps, unseen: true, choose: (map) => store.set({ map }, "token") },
      () => [store.example.maps.map(({ name }) => name), store.state.map],
    );
  }
  const element = html("div", { class: "vx-maps" }, ...made.map(({ choice }) => choice.element), note);

  function update() {
    for (const { choice, now } of made) choice.update(...now());
    write(note, store.map.note);
    note.hidden = store.map.note === "";
    element.hidden = made.length === 0 && note.hidden;
  }
  return { element, update };
}

/** @param {Question} question @returns {Choice} */
function radios({ label, unseen, choose }) {
  const name = uid("choice");
  const list = html("div", { class: "vx-map-choices" });
  const element = html("fieldset", { class: "vx-choice-of" }, html("legend", { class: unseen ? "vx-sr" : "vx-choice-name" }, label), list);
  /** @type {HTMLInputElement[]} */
  let inputs = [];
  let known = "";
  return {
    element,
    update(texts, chosen) {
      if (known !== (known = texts.join("\n"))) {
        inputs = texts.map((_, i) => {
          const input = html("input", { type: "radio", name, value: i, class: "vx-sr" });
          input.addEventListener("change", () => choose(i));
          return input;
        });
        list.replaceChildren(...inputs.map((input, i) => html("label", { class: "vx-map" }, input, html("span", {}, texts[i]))));
      }
      inputs.forEach((input, i) => (input.checked = i === chosen));
    },
  };
}

/** @param {Question} question @returns {Choice} */
function menu({ label, before = "", after = "", choose }) {
  const id = uid("choice");
  const select = html("select", { id, class: "vx-select" });
  select.addEventListener("change", () => choose(select.selectedIndex));
  const back = button("vx-by", "‹", () => choose(select.selectedIndex - 1));
  const next = button("vx-by", "›", () => choose(select.selectedIndex + 1));
  back.setAttribute("aria-label", before);
  next.setAttribute("aria-label", after);
  const element = html("div", { class: "vx-choice-of vx-menu" }, html("label", { for: id, class: "vx-choice-name" }, label), back, select, next);
  let known = "";
  return {
    element,
    update(texts, chosen) {
      if (known !== (known = texts.join("\n"))) {
        select.replaceChildren(...texts.map((text, i) => html("option", { value: i }, text)));
      }
      select.selectedIndex = chosen;
      enable(back, chosen > 0, next);
      enable(next, chosen < texts.length - 1, back);
    },
  };
}

// Two pictures side by side, lit by what the same query of the same head attends to in each.

import { html, fixed, write } from "@vitexplain/explorer/dom.js";
import { strongest } from "@vitexplain/explorer/data.js";
import { brightness, shade } from "@vitexplain/explorer/shade.js";
import { strings } from "../../strings/lab.js";
import { paint, pictureOf } from "../pixels.js";
import { rowOf, tokensOf } from "./show.js";

/** @import { Head } from "@vitexplain/explorer/types.js" */
/** @import { Answer } from "./state.js" */

/** What is looked at. @typedef {{layer: number, head: Head, query: number}} Look */
/** @typedef {{name: string, answer: Answer | null, look: Look | null}} Side */

const NAMED = 3; // strongest tokens

/** @param {(patch: number) => void} choose told a patch that is clicked */
export function twins(choose) {
  const title = html("p", { class: "vxl-lab-title" });
  const sides = [twin(choose), twin(choose)];
  const pair = html("div", { class: "vxl-lab-twins" }, ...sides.map(({ element }) => element));
  const element = html("div", { class: "vxl-lab-pair" }, title, pair);

  /** @param {string} what @param {Side[]} both */
  function update(what, both) {
    write(title, what);
    sides.forEach((side, i) => side.update(both[i]));
  }
  return { element, update };
}

/** @param {(patch: number) => void} choose */
function twin(choose) {
  const name = html("figcaption", { class: "vxl-lab-name" });
  const canvas = html("canvas", { class: "vxl-lab-view vxl-lab-pixels", "aria-hidden": "true" });
  const mark = html("span", { class: "vxl-lab-mark" });
  const area = html("div", { class: "vxl-lab-twin" }, canvas, mark);
  const list = html("p", { class: "vxl-lab-hint" });
  const element = html("figure", {}, name, area, list);
  /** @type {ReturnType<typeof shade> | null} */ let over = null;
  let made = "";
  let [rows, cols] = [1, 1];
  /** @type {ImageData | null} */ let seen = null;
  let hidden = "";

  area.addEventListener("click", (event) => {
    const { left, top, width, height } = area.getBoundingClientRect();
    const [r, c] = [((event.clientY - top) / height) * rows, ((event.clientX - left) / width) * cols].map(Math.floor);
    if (r >= 0 && c >= 0 && r < rows && c < cols) choose(r * cols + c);
  });

  /** @param {Side} side */
  function update({ name: said, answer, look }) {
    write(name, said);
    if (!answer) return write(list, strings.twins.wait);
    const { about, place } = answer;
    [rows, cols] = about.grid;
    if (made !== (made = about.grid.join())) {
      over?.element.remove();
      over = shade(about.grid);
      canvas.after(over.element);
      seen = null;
    }
    area.style.setProperty("--aspect", String(about.image_size[1] / about.image_size[0]));
    lay(answer);
    const weights = look && rowOf(answer, look.layer, look.head, look.query);
    const { prefix } = about;
    const lit = new Float32Array(weights?.length ?? tokensOf(about).length).fill(1);
    if (weights) brightness(weights, false, lit);
    over?.update(lit.subarray(prefix));
    const patch = look ? look.query - prefix : -1;
    mark.hidden = patch < 0;
    mark.style.inset = `${(100 * Math.floor(patch / cols)) / rows}% auto auto ${(100 * (patch % cols)) / cols}%`;
    mark.style.width = `${100 / cols}%`;
    mark.style.height = `${100 / rows}%`;
    if (!weights) return write(list, strings.twins.none);
    const names = tokensOf(about);
    write(list, strings.twins.strongest(strongest(weights, NAMED).map((i) => [names[i].label, fixed(weights[i], 3)])));
  }

  /** @param {Answer} answer */
  function lay({ about, place }) {
    const covered = [...place.hidden].join();
    if (!place.seen || (seen === place.seen && hidden === covered)) return;
    [seen, hidden] = [place.seen, covered];
    paint(canvas, pictureOf(place.seen, about, place.hidden));
  }

  return { element, update };
}

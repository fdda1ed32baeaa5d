// The picture to edit: one canvas, with a cell over each patch that one takes, names and focuses.

import { html, write } from "@vitexplain/explorer/dom.js";
import { roving, walked } from "@vitexplain/explorer/roving.js";
import { strings } from "../../strings/face.js";
import { reading } from "../pixels.js";
import { grip } from "../pointer.js";
import { brush } from "./brush.js";
import { hands } from "./hands.js";
import { tokensOf } from "./studio.js";

/** @import { Result } from "./ask.js" */
/** @import { Studio } from "./studio.js" */

/**
 * What the tools need of the picture on screen.
 * @typedef {{cells: HTMLElement[], ghost: HTMLCanvasElement, ring: HTMLElement,
 *   focus: (place: number) => void, say: (said: string) => void}} Surface
 */

/** @param {Studio} studio @param {(said: string) => void} say */
export function editor(studio, say) {
  const { shape, width, height } = studio.picture;
  const unseen = { "aria-hidden": "true", hidden: true };
  const canvas = html("canvas", { class: "vxl-face-canvas", width, height, "aria-hidden": "true" });
  const tags = studio.picture.tiles.map(() => html("span", { class: "vxl-face-tag" }));
  const names = studio.picture.tiles.map(() => html("span", { class: "vxl-sr" }));
  /** @type {HTMLElement[]} */
  const cells = tags.map((tag, place) => html("div", { role: "gridcell", class: "vxl-face-cell", "data-place": place }, names[place], tag));
  const rows = Array.from({ length: shape.rows }, (_, row) =>
    html("div", { role: "row", class: "vxl-face-cells" }, ...cells.slice(row * shape.cols, (row + 1) * shape.cols)),
  );
  const grid = html("div", { role: "grid", class: "vxl-face-grid" }, ...rows);
  const ring = html("span", { class: "vxl-face-ring", ...unseen });
  const ghost = html("canvas", { class: "vxl-face-ghost", width: shape.patch, height: shape.patch, ...unseen });
  const element = html("div", { class: "vxl-face-frame" }, canvas, grid, ghost, ring);
  element.style.setProperty("--cols", String(shape.cols));
  element.style.setProperty("--rows", String(shape.rows));

  grid.addEventListener("keydown", (event) => {
    if (event.altKey || event.metaKey || event.ctrlKey) return;
    const place = cells.indexOf(/** @type {HTMLElement} */ (event.target));
    if (!tool().key(event, place)) return;
    event.preventDefault();
    event.stopPropagation();
  });
  grid.addEventListener("keyup", (event) => tool().keyUp(event));
  grid.addEventListener("focusout", ({ relatedTarget }) => {
    if (!grid.contains(/** @type {Node | null} */ (relatedTarget))) tool().keyUp(null);
  });
  const { focus } = roving(grid, cells, (event, place) => walked(event, place, shape), (place) => tools.hands.mark(place));
  const surface = { cells, ghost, ring, focus, say };
  const tools = { hands: hands(studio, surface), brush: brush(studio, surface) };
  const tool = () => (studio.state.tool === "paint" ? tools.brush : tools.hands);

  /** Where an event is, in pixels of the picture. @param {PointerEvent} event @returns {[number, number]} */
  const at = ({ clientX, clientY }) => {
    const box = canvas.getBoundingClientRect();
    return [((clientX - box.left) / box.width) * width, ((clientY - box.top) / box.height) * height];
  };
  const finger = grip(element, {
    down(event) {
      const [x, y] = at(event);
      const place = studio.picture.placeAt(x, y);
      if (place !== null) focus(place);
      tool().down(x, y);
    },
    move: (event) => tool().move(...at(event), true),
    up: (event) => tool().up(...at(event)),
    cancel: () => tool().cancel(),
  });
  element.addEventListener("pointermove", (event) => finger.held || tool().move(...at(event), false));
  element.addEventListener("pointerleave", () => finger.held || tool().leave());

  /** @type {Result | null} */
  let answered = null;

  /** Names of the patches, and what they say if that is of this picture. */
  function label() {
    const { weights } = studio.state;
    const fresh = answered?.picture === studio.picture && answered.weights === weights ? answered : null;
    tokensOf(studio.picture, studio.face).forEach((token, place) => {
      const said = fresh?.answers?.[place];
      write(names[place], said ? strings.answered(token.label, fresh?.tags[said.tag] ?? "") : token.label);
      if (answered?.answers && !fresh && answered.weights === weights) return; // the next is on its way
      const tag = said?.tag ?? 0;
      tags[place].textContent = tag ? strings.tags[tag] : "";
      cells[place].classList.toggle("vxl-face-match", tag === 1);
      cells[place].classList.toggle("vxl-face-differ", tag === 2);
    });
  }

  return {
    element,
    update() {
      studio.picture.draw(reading(canvas));
      grid.setAttribute("aria-label", strings.picture[studio.state.tool]);
      element.dataset.tool = studio.state.tool;
      for (const one of Object.values(tools)) one.update();
      label();
    },
    /** @param {Result} result */
    answer(result) {
      answered = result;
      label();
    },
  };
}

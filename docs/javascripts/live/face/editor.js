// The picture to edit: one canvas, with a cell over each patch that one takes, names and focuses.

import { html } from "@vitexplain/explorer/dom.js";
import { strings } from "../../strings/face.js";
import { brush } from "./brush.js";
import { hands } from "./hands.js";
import { tokensOf } from "./names.js";

/** @import { Studio } from "./studio.js" */
/** @import { Result } from "./types.js" */

/**
 * @param {Studio} studio
 * @param {(said: string) => void} say
 */
export function editor(studio, say) {
  const { shape, width, height } = studio.picture;
  const canvas = html("canvas", { class: "vxl-face-canvas", width, height, "aria-hidden": "true" });
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d", { willReadFrequently: true }));
  const tags = studio.picture.tiles.map(() => html("span", { class: "vxl-face-tag" }));
  const names = studio.picture.tiles.map(() => html("span", { class: "vxl-sr" }));
  const cells = tags.map((tag, place) =>
    html("div", { role: "gridcell", class: "vxl-face-cell", "data-place": place, tabindex: place ? -1 : 0 }, names[place], tag),
  );
  const rows = Array.from({ length: shape.rows }, (_, row) =>
    html("div", { role: "row", class: "vxl-face-cells" }, ...cells.slice(row * shape.cols, (row + 1) * shape.cols)),
  );
  const grid = html("div", { role: "grid", class: "vxl-face-grid" }, ...rows);
  const ring = html("span", { class: "vxl-face-ring", "aria-hidden": "true", hidden: true });
  const ghost = html("canvas", { class: "vxl-face-ghost", width: shape.patch, height: shape.patch, "aria-hidden": "true", hidden: true });
  const element = html("div", { class: "vxl-face-frame" }, canvas, grid, ghost, ring);
  element.style.setProperty("--cols", String(shape.cols));
  element.style.setProperty("--rows", String(shape.rows));

  /** Where an event is, in pixels of the picture. @param {PointerEvent} event @returns {[number, number]} */
  const at = ({ clientX, clientY }) => {
    const box = canvas.getBoundingClientRect();
    return [((clientX - box.left) / box.width) * width, ((clientY - box.top) / box.height) * height];
  };

  /** Moves the one place in the order of Tab. @param {number} place */
  function focus(place) {
    for (const cell of cells) cell.tabIndex = -1;
    cells[place].tabIndex = 0;
    cells[place].focus({ preventScroll: true });
  }

  const surface = { cells, ghost, ring, focus, say };
  const tools = { hands: hands(studio, surface), brush: brush(studio, surface) };
  const tool = () => (studio.tool === "paint" ? tools.brush : tools.hands);

  let held = -1;
  element.addEventListener("pointerdown", (event) => {
    if (!event.isPrimary || event.button !== 0) return;
    event.preventDefault();
    held = event.pointerId;
    element.setPointerCapture(held);
    const [x, y] = at(event);
    const place = studio.picture.placeAt(x, y);
    if (place !== null) focus(place);
    tool().down(x, y);
  });
  element.addEventListener("pointermove", (event) => {
    if (held >= 0 && event.pointerId !== held) return;
    tool().move(...at(event), held >= 0);
  });
  element.addEventListener("pointerup", (event) => {
    if (event.pointerId !== held) return;
    held = -1;
    tool().up(...at(event));
  });
  element.addEventListener("pointercancel", () => {
    held = -1;
    tool().cancel();
  });
  element.addEventListener("pointerleave", () => held < 0 && tool().leave());
  grid.addEventListener("keydown", (event) => {
    if (event.altKey || event.metaKey || event.ctrlKey) return;
    const place = Number(/** @type {HTMLElement} */ (event.target).dataset.place);
    if (tool().key(event, place)) {
      event.preventDefault();
      event.stopPropagation();
    }
  });
  grid.addEventListener("keyup", (event) => tool().keyUp(event));
  grid.addEventListener("focusout", ({ relatedTarget }) => {
    if (!grid.contains(/** @type {Node | null} */ (relatedTarget))) tool().keyUp(null);
  });

  /** @type {Result | null} */
  let answered = null;

  /** Names of the patches, and what they say if that is of this picture. */
  function label() {
    const tokens = tokensOf(studio.picture, studio.face);
    const fresh = answered?.picture === studio.picture && answered.weights === studio.weights ? answered : null;
    tokens.forEach((token, place) => {
      const said = fresh?.answers?.[place];
      const name = said ? strings.answered(token.label, fresh?.tags[said.tag] ?? "") : token.label;
      if (names[place].textContent !== name) names[place].textContent = name;
      if (answered?.answers && !fresh && answered.weights === studio.weights) return; // the next is on its way
      const tag = said?.tag ?? 0;
      tags[place].textContent = tag ? strings.tags[tag] : "";
      cells[place].classList.toggle("vxl-face-match", tag === 1);
      cells[place].classList.toggle("vxl-face-differ", tag === 2);
    });
  }

  function update() {
    studio.picture.draw(context);
    grid.setAttribute("aria-label", strings.picture[studio.tool]);
    element.dataset.tool = studio.tool;
    for (const one of Object.values(tools)) one.update();
    label();
  }

  return {
    element,
    update,
    /** @param {Result} result */
    answer(result) {
      answered = result;
      label();
    },
  };
}

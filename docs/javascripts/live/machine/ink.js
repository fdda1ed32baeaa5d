// What is written over the bitmaps: numbers in their cells, and a cross over what is off.

import { fixed } from "@vitexplain/explorer/dom.js";

/** @import { Colours } from "./paint.js" */
/** @import { Rect } from "./layout.js" */
/** @import { Stage } from "./plan.js" */

const NUMBER = 38; // pixels of a cell that shows its number

/** The cells' numbers, as far as they are seen and can be read. @param {CanvasRenderingContext2D} context @param {Rect} at @param {Stage} stage @param {ArrayLike<number>} values @param {Colours} colours @param {{w: number, h: number}} room of the canvas */
export function numbers(context, at, stage, values, colours, room) {
  const [w, h] = [at.w / stage.cols, at.h / stage.rows];
  if (w < NUMBER) return;
  const size = Math.min(15, h * 0.6, w / 4.4);
  if (size < 8) return;
  context.globalAlpha = 1;
  context.textAlign = "center";
  context.font = `${size}px ${getComputedStyle(context.canvas).fontFamily}`;
  context.strokeStyle = colours.paper;
  context.lineWidth = 3;
  context.fillStyle = colours.ink;
  const span = (/** @type {number} */ from, /** @type {number} */ room, /** @type {number} */ each, /** @type {number} */ count) =>
    [Math.max(0, Math.floor(-from / each)), Math.min(count, Math.ceil((room - from) / each))];
  const [left, right] = span(at.x, room.w, w, stage.cols);
  const [top, bottom] = span(at.y, room.h, h, stage.rows);
  for (let r = top; r < bottom; r++) {
    for (let c = left; c < right; c++) {
      const [text, tx, ty] = [fixed(values[r * stage.cols + c], 3), at.x + (c + 0.5) * w, at.y + (r + 0.5) * h + size / 3];
      context.strokeText(text, tx, ty);
      context.fillText(text, tx, ty);
    }
  }
  context.textAlign = "start";
}

/** A cross over what is switched off. @param {CanvasRenderingContext2D} context @param {Rect} at @param {Colours} colours */
export function crossed(context, { x, y, w, h }, colours) {
  context.strokeStyle = colours.paper;
  context.lineWidth = 3;
  context.beginPath();
  context.moveTo(x, y);
  context.lineTo(x + w, y + h);
  context.moveTo(x + w, y);
  context.lineTo(x, y + h);
  context.stroke();
}

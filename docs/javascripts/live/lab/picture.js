// A picture, decoded, with ever smaller copies of it: what is drawn small is drawn from one that
// is less than twice as large, in any browser, so that no pixel of the picture is passed over.

import { sheet } from "../pixels.js";

/** @import { Box } from "./crop.js" */

const SMALLEST = 8; // pixels of a side

export class Picture {
  /** From the largest, each half as large as the one before. @type {HTMLCanvasElement[]} */ #copies;

  /** @param {CanvasImageSource} source @param {number} width @param {number} height */
  constructor(source, width, height) {
    this.width = width;
    this.height = height;
    this.#copies = [copy(source, width, height)];
    for (let last = this.#copies[0]; Math.min(last.width, last.height) >= 2 * SMALLEST; ) {
      last = copy(last, Math.floor(last.width / 2), Math.floor(last.height / 2));
      this.#copies.push(last);
    }
  }

  /**
   * Draws a part of the picture over a whole canvas.
   * @param {CanvasRenderingContext2D} context
   * @param {Box} box in the picture's pixels
   */
  draw(context, box) {
    const { width, height } = context.canvas;
    const fits = (/** @type {HTMLCanvasElement} */ one) =>
      (box.width * one.width) / this.width >= width && (box.height * one.height) / this.height >= height;
    const from = this.#copies.findLast(fits) ?? this.#copies[0];
    const [x, y] = [from.width / this.width, from.height / this.height];
    context.imageSmoothingEnabled = true;
    context.imageSmoothingQuality = "high";
    context.drawImage(from, box.x * x, box.y * y, box.width * x, box.height * y, 0, 0, width, height);
  }

  /** Frees its memory. */
  close() {
    for (const canvas of this.#copies) canvas.width = canvas.height = 0;
    this.#copies = [];
  }
}

/** What is transparent becomes white. @param {CanvasImageSource} source @param {number} width @param {number} height */
function copy(source, width, height) {
  const context = sheet(width, height);
  context.fillStyle = "#ffffff";
  context.fillRect(0, 0, width, height);
  context.imageSmoothingQuality = "high";
  context.drawImage(source, 0, 0, width, height);
  return context.canvas;
}

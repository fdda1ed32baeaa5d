// A camera over a flat world: it zooms, moves, and flies to a part of it.

/** @import { Rect } from "./layout.js" */

export const NEAREST = 260; // pixels of a unit
const MARGIN = 10; // pixels around what is looked at
const FLIGHT = 420; // ms

export class Camera {
  /** The world's place in the upper left corner, and the pixels of a unit. */
  at = { x: 0, y: 0, k: 1 };
  /** In pixels. */
  size = { w: 1, h: 1 };
  #flight = 0;

  /** @param {() => {width: number, height: number}} world @param {() => void} draw */
  constructor(world, draw) {
    this.world = world;
    this.draw = draw;
  }

  /** Whether the whole machine is seen. */
  get whole() {
    return this.at.k <= this.fitting(this.#all).k * 1.01;
  }

  get #all() {
    const { width: w, height: h } = this.world();
    return { x: 0, y: 0, w, h };
  }

  /** All of the world. */
  back() {
    this.at = this.fitting(this.#all);
  }

  /** @param {number} factor @param {number} [x] @param {number} [y] in pixels */
  zoom(factor, x = this.size.w / 2, y = this.size.h / 2) {
    const { k, ...from } = this.at;
    const next = Math.min(NEAREST, Math.max(this.fitting(this.#all).k, k * factor));
    this.at = { x: from.x + x / k - x / next, y: from.y + y / k - y / next, k: next };
    this.pan(0, 0);
  }

  /** @param {number} dx @param {number} dy in pixels */
  pan(dx, dy) {
    cancelAnimationFrame(this.#flight);
    const { x, y, k } = this.at;
    const within = (/** @type {number} */ from, /** @type {number} */ room, /** @type {number} */ all) =>
      all * k <= room ? (all - room / k) / 2 : Math.min(Math.max(from, -MARGIN / k), all - (room - MARGIN) / k);
    this.at = { x: within(x - dx / k, this.size.w, this.world().width), y: within(y - dy / k, this.size.h, this.world().height), k };
    this.draw();
  }

  /** Goes to a part of the world, or back to all of it. @param {Rect | null} rect @param {boolean} calm */
  fly(rect, calm) {
    cancelAnimationFrame(this.#flight);
    const [from, to] = [this.at, this.fitting(rect ?? this.#all)];
    const land = () => {
      this.at = to;
      this.draw();
    };
    if (calm) return land();
    const began = performance.now();
    const step = () => {
      const t = Math.min(1, (performance.now() - began) / FLIGHT);
      const s = t * t * (3 - 2 * t);
      const k = from.k * (to.k / from.k) ** s;
      // The middle moves with the scale, so that what is gone to grows where it lies.
      const share = to.k === from.k ? s : (1 / from.k - 1 / k) / (1 / from.k - 1 / to.k);
      const mid = (/** @type {"x" | "y"} */ axis, /** @type {number} */ room) => {
        const [a, b] = [from[axis] + room / 2 / from.k, to[axis] + room / 2 / to.k];
        return a + share * (b - a) - room / 2 / k;
      };
      this.at = { x: mid("x", this.size.w), y: mid("y", this.size.h), k };
      this.draw();
      if (t < 1) this.#flight = requestAnimationFrame(step);
      else land();
    };
    this.#flight = requestAnimationFrame(step);
  }

  /** Where all of a rectangle is seen, as large as can be. @param {Rect} rect */
  fitting({ x, y, w, h }) {
    const { w: wide, h: high } = this.size;
    const k = Math.min(NEAREST, (wide - 2 * MARGIN) / w, (high - 2 * MARGIN) / h);
    return { x: x + w / 2 - wide / 2 / k, y: y + h / 2 - high / 2 / k, k };
  }
}

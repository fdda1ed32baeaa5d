// Arrows from the query to the tokens with the largest weights, as wide as the weight.

import { row } from "./data.js";
import { fixed, svg } from "./dom.js";
import { greatest } from "./bright.js";
import { DECIMALS, MANY } from "./store.js";

/** @import { Store } from "./store.js" */

/** A token's place on the board, in pixels. @typedef {{x: number, y: number, w: number, h: number}} Box */
/** The parts of one arrow; they are moved, not made anew. @typedef {{group: SVGGElement, shafts: SVGPathElement[], heads: SVGPathElement[]}} Arrow */

const GRID_WIDTH = 0.36; // of a patch, for a weight of 1; with many patches, for the row's largest
const WORD_WIDTH = 20; // pixels, for a weight of 1
const LEAST = 1.25; // pixels: an arrow is never thinner
const LABEL = { w: 36, h: 15 }; // pixels around the number of a small patch

/**
 * @param {Store} store
 * @param {HTMLElement[]} cells
 * @returns {{element: SVGSVGElement, update: () => void, measure: () => void}}
 */
export function arrows(store, cells) {
  const element = svg("svg", { class: "vx-arrows", "aria-hidden": "true", focusable: "false" });
  const { start, end: last, grid, before: above } = store.board;
  const words = grid === null;
  const many = !words && last - start > MANY;
  const before = grid ? above : 0;
  /** @type {Box[]} */
  let boxes = [];
  /** @type {Arrow[]} */
  const made = [];
  const labels = svg("g");
  element.append(labels);

  function measure() {
    const frame = element.getBoundingClientRect();
    const seen = `0 0 ${frame.width || 1} ${frame.height || 1}`;
    if (element.getAttribute("viewBox") !== seen) element.setAttribute("viewBox", seen);
    boxes = cells.map((cell) => {
      const { left, top, width, height } = cell.getBoundingClientRect();
      return { x: left - frame.left, y: top - frame.top, w: width, h: height };
    });
    update();
  }

  function update() {
    const patch = boxes.length ? boxes[boxes.length - 1].w : 0;
    const drawn = patch === 0 ? [] : store.drawn; // while nothing has its place yet
    while (made.length < drawn.length) made.push(arrow());
    const { query } = store.pair;
    const weights = row(store.map.weights, query);
    const unit = words ? WORD_WIDTH : (GRID_WIDTH * patch) / (many ? greatest(weights) || 1 : 1);
    // The widest last, on top of the others.
    made.forEach(({ group, shafts, heads }, i) => {
      const j = drawn[drawn.length - 1 - i];
      if (j === undefined) return group.remove();
      const width = Math.max(LEAST, weights[j] * unit);
      const shape = words ? arc(boxes[query], boxes[j], width) : line(end(query), end(j), width, patch);
      set(group, "data-token", String(j));
      set(group, "data-weight", String(weights[j]));
      shafts.forEach((path, halo) => {
        set(path, "d", shape.path);
        path.style.strokeWidth = `${halo === 0 ? width + 3 : width}px`;
      });
      for (const path of heads) set(path, "d", shape.head);
      if (!group.parentNode) element.insertBefore(group, labels);
    });
    if (many) label(drawn, query, weights, patch);
  }

  /**
   * The numbers of small patches, as far as they do not cover each other: the followed key first.
   * @param {number[]} drawn
   * @param {number} query
   * @param {ArrayLike<number>} weights
   * @param {number} patch
   */
  function label(drawn, query, weights, patch) {
    const wanted = store.following ? [store.pair.key, ...drawn] : drawn;
    /** @type {Box[]} */
    const taken = query < before ? [] : [{ ...boxes[query] }];
    labels.replaceChildren();
    for (const j of new Set(patch === 0 ? [] : wanted)) {
      if (j < before) continue; // its chip has it
      const { x, y, w, h } = boxes[j];
      const top = y + h + 2 + LABEL.h > boxes[boxes.length - 1].y + h ? y - 2 - LABEL.h : y + h + 2;
      const box = { x: x + w / 2 - LABEL.w / 2, y: top, ...LABEL };
      if (taken.some((other) => overlap(box, other))) continue;
      taken.push(box, boxes[j]);
      const number = fixed(weights[j], DECIMALS.patch);
      const middle = { x: box.x + LABEL.w / 2, y: box.y + LABEL.h / 2 };
      labels.append(svg("text", { ...middle, class: "vx-tag", "data-token": j }, number));
    }
  }

  /** Where a token's arrows end: in its patch, or at the lower edge of a chip, clear of its text. @param {number} i */
  function end(i) {
    const box = boxes[i];
    return i < before ? { ...box, y: box.y + box.h, h: 0 } : box;
  }

  return { element, update, measure };
}

/** The parts of one arrow: its shaft and its head, each over a halo. @returns {Arrow} */
function arrow() {
  const [halo, shaft] = ["vx-halo", "vx-shaft"].map((name) => svg("path", { class: name }));
  const heads = ["vx-halo", "vx-shaft"].map((name) => svg("path", { class: `${name} vx-head` }));
  const group = svg("g", { class: "vx-arrow" }, halo, heads[0], shaft, heads[1]);
  return { group, shafts: [halo, shaft], heads };
}

/** @param {Element} element @param {string} name @param {string} value */
function set(element, name, value) {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

/** @param {Box} a @param {Box} b */
function overlap(a, b) {
  return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
}

/**
 * From patch to patch: a slight bend, so that there and back are two lines. To itself: a ring,
 * in the corner that leaves most of the patch to see.
 * @param {Box} a
 * @param {Box} b
 * @param {number} width
 * @param {number} unit the side of a patch
 */
function line(a, b, width, unit) {
  const [ax, ay, bx, by] = [a.x + a.w / 2, a.y + a.h / 2, b.x + b.w / 2, b.y + b.h / 2];
  const length = Math.hypot(bx - ax, by - ay);
  if (length < 1) {
    const r = 0.17 * unit;
    const [cx, cy] = a.h ? [ax + 0.24 * unit, ay - 0.18 * unit] : [a.x + a.w + 1.4 * r, ay - r];
    return { path: `M ${cx - r} ${cy} a ${r} ${r} 0 1 1 ${2 * r} 0 a ${r} ${r} 0 1 1 ${-2 * r} 0 Z`, head: "" };
  }
  const [ux, uy] = [(bx - ax) / length, (by - ay) / length];
  const bend = 0.15 * length;
  const [cx, cy] = [(ax + bx) / 2 + uy * bend, (ay + by) / 2 - ux * bend];
  const start = toward(ax, ay, cx, cy, a.h ? 0.3 * unit : 4);
  const tip = toward(bx, by, cx, cy, b.h ? 0.14 * unit : 4);
  return pointed(start, [cx, cy], tip, width, 0.42 * unit);
}

/**
 * From word to word: an arc above them; between lines of a wrapped sentence, an S.
 * @param {Box} a
 * @param {Box} b
 * @param {number} width
 */
function arc(a, b, width) {
  const [ax, bx] = [a.x + a.w / 2, b.x + b.w / 2];
  const [below, above] = [b.y > a.y + a.h / 2, b.y < a.y - a.h / 2];
  const [ay, by] = [below ? a.y + a.h : a.y, above ? b.y + b.h : b.y];
  const [up, down] = [below ? 1 : -1, above ? 1 : -1];
  const loop = a === b;
  const rise = loop ? 56 : below || above ? 26 : Math.min(64, 22 + 0.16 * Math.abs(bx - ax));
  const [sx, tx] = loop ? [ax - 13, ax + 13] : [ax + Math.sign(bx - ax) * 0.36 * a.w, bx];
  const size = headSize(width, 18);
  const [tipY, baseY] = [by + down * 3, by + down * (3 + size.long)];
  const path = `M ${sx} ${ay + up * 2} C ${sx} ${ay + up * rise} ${tx} ${baseY + down * rise} ${tx} ${baseY}`;
  return { path, head: `M ${tx} ${tipY} L ${tx - size.wide} ${baseY} L ${tx + size.wide} ${baseY} Z` };
}

/**
 * A quadratic curve with a head: the shaft ends where the head begins.
 * @param {[number, number]} start
 * @param {[number, number]} control
 * @param {[number, number]} tip
 * @param {number} width
 * @param {number} longest
 */
function pointed(start, control, tip, width, longest) {
  const size = headSize(width, longest);
  const base = toward(...tip, ...control, size.long);
  const [nx, ny] = [(tip[1] - base[1]) / size.long, (base[0] - tip[0]) / size.long];
  return {
    path: `M ${start} Q ${control} ${base}`,
    head: `M ${tip} L ${base[0] + nx * size.wide} ${base[1] + ny * size.wide} L ${base[0] - nx * size.wide} ${base[1] - ny * size.wide} Z`,
  };
}

/** @param {number} width @param {number} longest */
function headSize(width, longest) {
  return { long: Math.min(longest, 6 + 1.3 * width), wide: 3.5 + 0.85 * width };
}

/**
 * The point at a distance from (x, y) on the way to (tx, ty).
 * @param {number} x @param {number} y @param {number} tx @param {number} ty @param {number} distance
 * @returns {[number, number]}
 */
function toward(x, y, tx, ty, distance) {
  const length = Math.hypot(tx - x, ty - y) || 1;
  return [x + ((tx - x) / length) * distance, y + ((ty - y) / length) * distance];
}

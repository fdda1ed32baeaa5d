// Which part of a picture is seen.

/** @import { About } from "../protocol.js" */
/** @import { Picture } from "./picture.js" */

/**
 * The part of a picture that is seen: its centre, in shares of the picture, and how near it is.
 * With `squeeze` the whole picture is seen, its sides made to fit.
 * @typedef {{x: number, y: number, zoom: number, squeeze: boolean}} Crop
 */

/** A rectangle in a picture's pixels. @typedef {{x: number, y: number, width: number, height: number}} Box */

/** How near one may come, and how far one zoom or move goes. */
export const NEAREST = 8;
export const ZOOM = 1.2;
export const MOVE = 0.05; // of what is seen

/** What a model is shown unless the reader says otherwise: the middle, as in Python. @param {About} about @returns {Crop} */
export function middle(about) {
  return { x: 0.5, y: 0.5, zoom: Math.min(NEAREST, 1 / about.crop), squeeze: about.fit === "stretch" };
}

/**
 * The rectangle that is seen, of the sides that the model's input has.
 * @param {{width: number, height: number}} picture
 * @param {Crop} crop
 * @param {number} aspect width / height
 * @returns {Box}
 */
export function boxOf({ width: w, height: h }, { x, y, zoom, squeeze }, aspect) {
  if (squeeze) return { x: 0, y: 0, width: w, height: h };
  const width = Math.min(w, h * aspect) / zoom;
  const height = width / aspect;
  return { x: inside(x * w - width / 2, w - width), y: inside(y * h - height / 2, h - height), width, height };
}

/**
 * The crop moved by shares of what is seen; at the picture's edge it stops.
 * @param {Picture} picture @param {Crop} crop @param {number} aspect
 * @param {number} dx @param {number} dy
 * @returns {Crop}
 */
export function moved(picture, crop, aspect, dx, dy) {
  const { width, height } = picture;
  const box = boxOf(picture, crop, aspect);
  const x = inside(box.x + dx * box.width, width - box.width) + box.width / 2;
  const y = inside(box.y + dy * box.height, height - box.height) + box.height / 2;
  return { ...crop, x: x / width, y: y / height };
}

/**
 * The crop come nearer by a factor, a place of the view staying where it is.
 * @param {Picture} picture @param {Crop} crop @param {number} aspect
 * @param {number} factor @param {number} [atX] @param {number} [atY] shares of the view
 * @returns {Crop}
 */
export function zoomed(picture, crop, aspect, factor, atX = 0.5, atY = 0.5) {
  const zoom = Math.min(NEAREST, Math.max(1, crop.zoom * factor));
  const grown = { ...crop, zoom };
  const [was, now] = [boxOf(picture, crop, aspect), boxOf(picture, grown, aspect)];
  const x = was.x + atX * was.width - (atX - 0.5) * now.width;
  const y = was.y + atY * was.height - (atY - 0.5) * now.height;
  return moved(picture, { ...grown, x: x / picture.width, y: y / picture.height }, aspect, 0, 0);
}

/** Which ways there is room to move. @param {Picture} picture @param {Crop} crop @param {number} aspect */
export function room(picture, crop, aspect) {
  const { width, height } = boxOf(picture, crop, aspect);
  return { across: picture.width - width > 0.5, down: picture.height - height > 0.5 };
}

/** @param {number} x @param {number} most */
function inside(x, most) {
  return Math.min(Math.max(0, x), Math.max(0, most));
}

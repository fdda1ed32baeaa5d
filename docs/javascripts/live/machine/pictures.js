// The machine's pictures: samples at the model's own size, pixel by pixel, and the reader's own.

import { button, html, write } from "@vitexplain/explorer/dom.js";
import { strings } from "../../strings/machine.js";
import { alert } from "../controls.js";
import { filePicker, Problem } from "../files.js";
import { boxOf, middle } from "../lab/crop.js";
import { openPicture } from "../lab/intake.js";
import { sheet } from "../pixels.js";

/** @import { About } from "../protocol.js" */
/** @import { Sample } from "./settings.js" */

/** @param {Sample[]} samples @param {(i: number) => void} choose @param {(file: File) => Promise<void>} own */
export function picked(samples, choose, own) {
  const problem = alert();
  const thumbs = samples.map(({ name, image, alt = "" }, i) => {
    const made = button("vxl-lab-sample", "", () => choose(i));
    made.append(html("span", {}, name), html("img", { src: image, alt, width: 56, height: 56 }));
    return made;
  });
  const { input, choose: file } = filePicker({ accept: "image/*", text: strings.change.own, kind: "vxl-machine-file" }, ([one]) => {
    write(problem, "");
    own(one).catch((error) => {
      if (!(error instanceof Problem)) throw error;
      write(problem, error.message);
    });
  });
  const element = html(
    "div", { class: "vxl-lab-sources" },
    html("div", { class: "vxl-lab-samples", role: "group", "aria-label": strings.change.samples }, ...thumbs),
    html("div", { class: "vxl-row" }, file, input),
    html("p", { class: "vxl-lab-hint" }, strings.change.ownHint),
    problem,
  );
  return { element, update: (/** @type {number} */ at) => thumbs.forEach((one, i) => one.setAttribute("aria-pressed", String(i === at))) };
}

/** A sample's pixels, exactly. @param {Sample} sample @param {About} about */
export async function pixelsOf({ image }, { image_size: [rows, cols] }) {
  const made = html("img", { src: image });
  await made.decode();
  const context = sheet(cols, rows);
  context.drawImage(made, 0, 0);
  return context.getImageData(0, 0, cols, rows);
}

/** The middle of a picture of the reader's, made small. @param {File} file @param {About} about */
export async function ownPixels(file, about) {
  const picture = await openPicture(file);
  const [rows, cols] = about.image_size;
  const context = sheet(cols, rows);
  picture.draw(context, boxOf(picture, middle(about), cols / rows));
  picture.close();
  return context.getImageData(0, 0, cols, rows);
}

/** Pixels with pairs of patches that changed places. @param {ImageData} pixels @param {Array<[number, number]>} swaps @param {About} about */
export function swapped(pixels, swaps, { patch: [high, wide], grid: [, cols] }) {
  if (swaps.length === 0) return pixels;
  const context = sheet(pixels.width, pixels.height);
  context.putImageData(pixels, 0, 0);
  const place = (/** @type {number} */ i) => /** @type {const} */ ([(i % cols) * wide, Math.floor(i / cols) * high]);
  for (const [a, b] of swaps) {
    const [one, other] = [a, b].map((i) => context.getImageData(...place(i), wide, high));
    context.putImageData(one, ...place(b));
    context.putImageData(other, ...place(a));
  }
  return context.getImageData(0, 0, pixels.width, pixels.height);
}

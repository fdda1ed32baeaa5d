// Files of the reader's, and what is wrong with them or with anything else.

import { button, html } from "@vitexplain/explorer/dom.js";
import { strings } from "../strings/runtime.js";

/** What is wrong, in words for the reader. */
export class Problem extends Error {}

/** @param {Blob} file */
export async function bytesOf(file) {
  try {
    return await file.arrayBuffer();
  } catch {
    throw new Problem(strings.unreadable);
  }
}

/** Bytes as megabytes. @param {number} bytes @param {number} [decimals] */
export function megabytes(bytes, decimals = 0) {
  return (bytes / 1e6).toFixed(decimals);
}

/**
 * A button that lets the reader choose files.
 * @param {{accept: string, text: string, kind: string, many?: boolean}} options
 * @param {(files: File[]) => void} take
 */
export function filePicker({ accept, text, kind, many = false }, take) {
  const input = html("input", { type: "file", accept, multiple: many, hidden: true, "aria-label": text, class: kind });
  input.addEventListener("change", () => {
    const files = [...(input.files ?? [])];
    input.value = ""; // the same file may be chosen again
    if (files.length) take(files);
  });
  return { input, choose: button("", text, () => input.click()) };
}

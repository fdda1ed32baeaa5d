// From a file to a picture, or to one sentence that says why not.

import { strings } from "../../strings/lab.js";
import { bytesOf, megabytes, Problem } from "../files.js";
import { headerOf } from "./dimensions.js";
import { Picture } from "./picture.js";

/** Most pixels of a picture that is opened, as in vitexplain.images: 67 million, 8192 × 8192. */
export const LIMIT = 2 ** 26;
/** Most bytes of a file that is opened. */
const LARGEST = 100e6;
const KEPT = 1024; // pixels of the shorter side: enough to look at and to move nearer
const KINDS = ["png", "jpeg", "webp", "gif", "bmp", "avif", "heic", "picture"];

/**
 * Opens a picture from a file. It is decoded at the size that is kept, so that a large photograph
 * costs no more than a small one once it is open.
 * @param {Blob} file
 * @returns {Promise<Picture>}
 */
export async function openPicture(file) {
  const say = strings.wrong;
  if (file.size === 0) throw new Problem(say.empty);
  if (file.size > LARGEST) throw new Problem(say.heavy(megabytes(file.size), megabytes(LARGEST)));
  const { kind, width, height, whole } = headerOf(new Uint8Array(await bytesOf(file)));
  if (kind === "svg") throw new Problem(say.svg);
  if (kind === null || !KINDS.includes(kind)) throw new Problem(say.none);
  if (!whole) throw new Problem(say.cut);
  if (width * height > LIMIT) throw new Problem(say.large(width, height, megabytes(width * height), megabytes(LIMIT)));
  /** @type {ImageBitmapOptions} */
  const options = { imageOrientation: "from-image", resizeQuality: "high" };
  const shorter = Math.min(width, height);
  // One side alone: the other follows, whichever way the photograph is to be turned.
  if (shorter > KEPT) options.resizeWidth = Math.round((width * KEPT) / shorter);
  try {
    const bitmap = await createImageBitmap(file, options);
    const picture = new Picture(bitmap, bitmap.width, bitmap.height);
    bitmap.close();
    return picture;
  } catch {
    throw new Problem(kind === "heic" ? say.heic : say.damaged);
  }
}

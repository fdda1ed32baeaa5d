// From a file to a picture, or to one sentence that says why not.

import { strings } from "../../strings/lab.js";
import { bytesOf, megabytes, Problem } from "../files.js";
import { Picture } from "./picture.js";

/** Most pixels of a picture that is opened, as in vitexplain.images: 67 million, 8192 × 8192. */
const LIMIT = 2 ** 26;
/** Most bytes of a file that is opened. */
const LARGEST = 100e6;
const KEPT = 1024; // pixels of the shorter side: enough to look at and to move nearer
/** How the files of each kind begin. @type {Array<[string, RegExp]>} */
const BEGINNINGS = [
  ["png", /^\x89PNG\r\n\x1a\n/],
  ["jpeg", /^\xff\xd8/],
  ["webp", /^RIFF[^]{4}WEBP/],
  ["bmp", /^BM/],
  ["heic", /^[^]{4}ftyp(?![^]{0,56}avif)[^]{0,56}(hei|hev|mif1|msf1)/],
  ["gif or avif", /^GIF8|^[^]{4}ftyp[^]{0,56}avif/],
  ["svg", /<svg/i],
];
const SOME = 4096; // bytes in which a file has said what it is

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
  const bytes = new Uint8Array(await bytesOf(file));
  const start = String.fromCharCode(...bytes.subarray(0, SOME));
  const kind = BEGINNINGS.find(([, beginning]) => beginning.test(start))?.[0];
  if (kind === "svg") throw new Problem(say.svg);
  if (!kind) throw new Problem(say.none);
  if (!isWhole(kind, bytes)) throw new Problem(say.cut);
  const { width, height } = await sizeOf(file);
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

/** Whether a file goes on to its end: browsers show the first half of a picture without a word. @param {string} kind @param {Uint8Array} bytes */
function isWhole(kind, bytes) {
  const view = new DataView(bytes.buffer);
  const room = bytes.length;
  if (kind === "webp") return room >= 12 && view.getUint32(4, true) + 8 <= room;
  if (kind === "bmp") return room >= 6 && view.getUint32(2, true) <= room;
  if (kind === "jpeg") {
    // Behind the last scan stands the mark of the end.
    let at = bytes.lastIndexOf(0xff);
    while (at > 0 && bytes[at + 1] !== 0xd9 && bytes[at + 1] !== 0xda) at = bytes.lastIndexOf(0xff, at - 1);
    return at > 0 && bytes[at + 1] === 0xd9;
  }
  if (kind !== "png") return true;
  let at = 8; // from part to part, up to the one that is called IEND
  while (at + 12 <= room && view.getUint32(at + 4) !== 0x49454e44) at += 12 + view.getUint32(at);
  return at + 12 <= room;
}

/** How large a picture is, without its pixels, which could freeze the page; 0 where a browser cannot say. @param {Blob} file */
async function sizeOf(file) {
  const image = new Image();
  image.src = URL.createObjectURL(file);
  await new Promise((done) => (image.onload = image.onerror = done));
  URL.revokeObjectURL(image.src);
  return { width: image.naturalWidth, height: image.naturalHeight };
}

// What a picture's first bytes say: which kind of file it is, how many pixels it has, and whether
// the file is whole. Read before anything is decoded: what is too large would freeze the page.

/**
 * `kind` is null for what is no picture; width and height are 0 where the file does not say.
 * @typedef {{kind: string | null, width: number, height: number, whole: boolean}} Header
 */

const SOME = 4096; // bytes in which the boxes of AVIF and HEIC name their size

/** @param {Uint8Array} bytes @returns {Header} */
export function headerOf(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const is = (/** @type {number} */ at, /** @type {string} */ text) => word(bytes, at, text.length) === text;
  try {
    if (is(0, "\x89PNG\r\n\x1a\n")) return png(view, bytes);
    if (bytes[0] === 0xff && bytes[1] === 0xd8) return jpeg(view, bytes);
    if (is(0, "RIFF") && is(8, "WEBP")) return webp(view, bytes);
    if (is(0, "GIF8")) return { kind: "gif", width: view.getUint16(6, true), height: view.getUint16(8, true), whole: true };
    if (is(0, "BM") && view.getUint32(2, true) <= bytes.length + 3) return bmp(view, bytes);
    if (is(4, "ftyp")) return boxes(view, bytes);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error; // the file ends inside its header
    return { kind: "picture", width: 0, height: 0, whole: false };
  }
  const start = new TextDecoder().decode(bytes.subarray(0, SOME)).trimStart().toLowerCase();
  return { kind: start.includes("<svg") ? "svg" : null, width: 0, height: 0, whole: true };
}

/** @param {DataView} view @param {Uint8Array} bytes @returns {Header} */
function png(view, bytes) {
  const size = { width: view.getUint32(16), height: view.getUint32(20) };
  let at = 8;
  while (at + 12 <= bytes.length) {
    const next = at + 12 + view.getUint32(at);
    if (word(bytes, at + 4, 4) === "IEND") return { kind: "png", ...size, whole: true };
    at = next;
  }
  return { kind: "png", ...size, whole: false };
}

/** A walk over the segments up to the scan; behind it must come the mark of the end. @param {DataView} view @param {Uint8Array} bytes @returns {Header} */
function jpeg(view, bytes) {
  const found = { kind: "jpeg", width: 0, height: 0, whole: false };
  let at = 2;
  for (;;) {
    while (view.getUint8(at) === 0xff && view.getUint8(at + 1) === 0xff) at += 1; // padding
    const mark = view.getUint8(at + 1);
    const frame = mark >= 0xc0 && mark <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(mark);
    if (frame) [found.height, found.width] = [view.getUint16(at + 5), view.getUint16(at + 7)];
    if (mark === 0xda) break;
    at += 2 + view.getUint16(at + 2);
  }
  let end = bytes.length - 2;
  while (end > at && !(bytes[end] === 0xff && bytes[end + 1] === 0xd9)) end -= 1;
  return { ...found, whole: end > at };
}

/** @param {DataView} view @param {Uint8Array} bytes @returns {Header} */
function webp(view, bytes) {
  const whole = view.getUint32(4, true) + 8 <= bytes.length;
  const three = (/** @type {number} */ at) => view.getUint16(at, true) + (view.getUint8(at + 2) << 16);
  const kind = word(bytes, 12, 4);
  if (kind === "VP8X") return { kind: "webp", width: 1 + three(24), height: 1 + three(27), whole };
  if (kind === "VP8L") {
    const bits = view.getUint32(21, true);
    return { kind: "webp", width: 1 + (bits & 0x3fff), height: 1 + ((bits >> 14) & 0x3fff), whole };
  }
  const side = (/** @type {number} */ at) => view.getUint16(at, true) & 0x3fff;
  return { kind: "webp", width: side(26), height: side(28), whole };
}

/** @param {DataView} view @param {Uint8Array} bytes @returns {Header} */
function bmp(view, bytes) {
  const [width, height] = [view.getInt32(18, true), Math.abs(view.getInt32(22, true))];
  return { kind: "bmp", width, height, whole: view.getUint32(2, true) <= bytes.length };
}

/** AVIF and HEIC: the largest picture that a box “ispe” names. @param {DataView} view @param {Uint8Array} bytes @returns {Header} */
function boxes(view, bytes) {
  const brands = word(bytes, 8, Math.min(view.getUint32(0), 64) - 8);
  const kind = brands.includes("avif") ? "avif" : /hei|hev|mif1|msf1/.test(brands) ? "heic" : null;
  let [width, height] = [0, 0];
  for (let at = 0; at < Math.min(bytes.length - 16, SOME); at++) {
    if (word(bytes, at, 4) !== "ispe") continue;
    width = Math.max(width, view.getUint32(at + 8));
    height = Math.max(height, view.getUint32(at + 12));
  }
  return { kind, width, height, whole: true };
}

/** @param {Uint8Array} bytes @param {number} at @param {number} length */
function word(bytes, at, length) {
  return String.fromCharCode(...bytes.subarray(at, at + length));
}

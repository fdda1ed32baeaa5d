// The picture that the reader edits: pixels, and which patch of the untouched face each patch was.
// Every change gives a new picture, so that one can go back.

/** @typedef {{rows: number, cols: number, patch: number}} Shape patches, and pixels along one side of a patch */
/** What was done to a patch's own pixels. @typedef {"" | "painted" | "erased"} Mark */
/** @typedef {[number, number, number]} Colour red, green, blue, from 0 to 255 */

export class Picture {
  /**
   * @param {Shape} shape
   * @param {Uint8ClampedArray} pixels red, green, blue, alpha, row by row
   * @param {number[]} [tiles] for each place the patch of the untouched face that is there now
   * @param {Mark[]} [marks]
   */
  constructor(shape, pixels, tiles, marks) {
    const places = shape.rows * shape.cols;
    this.shape = shape;
    this.pixels = pixels;
    this.tiles = tiles ?? Array.from({ length: places }, (_, place) => place);
    this.marks = marks ?? /** @type {Mark[]} */ (Array(places).fill(""));
  }

  get width() {
    return this.shape.cols * this.shape.patch;
  }

  get height() {
    return this.shape.rows * this.shape.patch;
  }

  /** The patch a pixel is in; null outside. @param {number} x @param {number} y */
  placeAt(x, y) {
    const { patch, rows, cols } = this.shape;
    const [row, col] = [Math.floor(y / patch), Math.floor(x / patch)];
    return row >= 0 && col >= 0 && row < rows && col < cols ? row * cols + col : null;
  }

  /** Where a patch of the untouched face is now: where one looks for it first, or the first place. @param {number} tile @param {number} first */
  find(tile, first) {
    return this.tiles[first] === tile ? first : this.tiles.indexOf(tile);
  }

  /** Puts patches in other places. @param {number[]} order for each place, where its patch comes from @param {boolean} [flip] whether left and right change in each */
  arranged(order, flip = false) {
    const { patch, cols } = this.shape;
    const pixels = new Uint8ClampedArray(this.pixels.length);
    const [from, to] = [words(this.pixels), words(pixels)];
    for (let at = 0; at < to.length; at++) {
      const [x, y] = [at % this.width, Math.floor(at / this.width)];
      const source = order[Math.floor(y / patch) * cols + Math.floor(x / patch)];
      const across = flip ? patch - 1 - (x % patch) : x % patch;
      to[at] = from[(Math.floor(source / cols) * patch + (y % patch)) * this.width + (source % cols) * patch + across];
    }
    return new Picture(this.shape, pixels, order.map((from) => this.tiles[from]), order.map((from) => this.marks[from]));
  }

  /** Two patches change places. @param {number} a @param {number} b */
  swapped(a, b) {
    return this.arranged(this.tiles.map((_, place) => (place === a ? b : place === b ? a : place)));
  }

  /** A copy of one patch lands on another. @param {number} from @param {number} to */
  stamped(from, to) {
    return this.arranged(this.tiles.map((_, place) => (place === to ? from : place)));
  }

  /** All patches move; what leaves comes back on the other side. @param {number} down @param {number} right */
  shifted(down, right) {
    const { rows, cols } = this.shape;
    const from = (/** @type {number} */ place) => {
      const [row, col] = [Math.floor(place / cols) - down + rows, (place % cols) - right + cols];
      return (row % rows) * cols + (col % cols);
    };
    return this.arranged(this.tiles.map((_, place) => from(place)));
  }

  /** All patches in an order that the seed decides. @param {number} seed */
  shuffled(seed) {
    const order = this.tiles.map((_, place) => place);
    const next = random(seed);
    for (let i = order.length - 1; i > 0; i--) {
      const j = Math.floor(next() * (i + 1));
      [order[i], order[j]] = [order[j], order[i]];
    }
    return this.arranged(order);
  }

  /** Left and right change, pixel by pixel. */
  mirrored() {
    const { cols } = this.shape;
    return this.arranged(this.tiles.map((_, place) => place - (place % cols) + cols - 1 - (place % cols)), true);
  }

  /** One patch in one colour. @param {number} place @param {Colour} colour */
  erased(place, colour) {
    const made = this.#again((_, i) => (i === place ? "erased" : this.marks[i]));
    const { patch, cols } = this.shape;
    const [top, left] = [Math.floor(place / cols) * patch, (place % cols) * patch];
    const all = words(made.pixels);
    for (let y = top; y < top + patch; y++) all.fill(word(colour), y * this.width + left, y * this.width + left + patch);
    return made;
  }

  /**
   * A line of the brush between the middles of two pixels; a dot where they are the same.
   * @param {[number, number]} from
   * @param {[number, number]} to
   * @param {number} radius
   * @param {Colour} colour
   */
  painted(from, to, radius, colour) {
    const touched = new Set();
    const made = this.#again(() => "");
    const all = words(made.pixels);
    const steps = Math.max(1, Math.ceil(Math.hypot(to[0] - from[0], to[1] - from[1])));
    for (let i = 0; i <= steps; i++) {
      const [x, y] = [0, 1].map((axis) => from[axis] + ((to[axis] - from[axis]) * i) / steps);
      for (let row = Math.ceil(y - radius); row <= y + radius; row++) {
        for (let col = Math.ceil(x - radius); col <= x + radius; col++) {
          const place = this.placeAt(col, row);
          if (place === null || Math.hypot(col - x, row - y) > radius) continue;
          all[row * this.width + col] = word(colour);
          touched.add(place);
        }
      }
    }
    made.marks = this.marks.map((mark, place) => (touched.has(place) ? "painted" : mark));
    return made;
  }

  /** @param {CanvasRenderingContext2D} context */
  draw(context) {
    context.putImageData(new ImageData(new Uint8ClampedArray(this.pixels), this.width, this.height), 0, 0);
  }

  /** @param {Picture} other */
  same(other) {
    const [a, b] = [words(this.pixels), words(other.pixels)];
    return a.every((pixel, i) => pixel === b[i]) && this.tiles.every((tile, i) => tile === other.tiles[i]);
  }

  /** A copy with other marks. @param {(mark: Mark, place: number) => Mark} mark */
  #again(mark) {
    return new Picture(this.shape, this.pixels.slice(), [...this.tiles], this.marks.map(mark));
  }
}

/** The pixels, a number each. @param {Uint8ClampedArray} pixels */
function words(pixels) {
  return new Uint32Array(pixels.buffer, pixels.byteOffset, pixels.length / 4);
}

/** A colour as one of these numbers. @param {Colour} colour */
function word([red, green, blue]) {
  return words(Uint8ClampedArray.of(red, green, blue, 255))[0];
}

/** Numbers in [0, 1) that a seed decides (mulberry32, by Tommy Ettinger). @param {number} seed */
function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

// What the patches of an edited picture are called: a name goes where its patch goes.

import { strings } from "../../strings/face.js";

/** @import { Token } from "@vitexplain/explorer/types.js" */
/** @import { Picture } from "./picture.js" */
/** @import { Face } from "./types.js" */

/** @param {Picture} picture @param {Face} face @returns {Token[]} */
export function tokensOf({ tiles, marks }, face) {
  return tiles.map((tile, place) => {
    const several = tiles.indexOf(tile) !== tiles.lastIndexOf(tile);
    const name = (/** @type {string} */ text) => (several ? strings.at(text, place) : text);
    return { label: strings.marked[marks[place]](name(face.names[tile])), short: name(face.short[tile]) };
  });
}

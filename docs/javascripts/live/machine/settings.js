// What the reader has set of the machine: the picture, what is changed, where one is.

import { Keeper } from "@vitexplain/explorer/keeper.js";

/** @import { About } from "../protocol.js" */
/** @import { Config } from "../widget.js" */
/** @import { Cell } from "./terms.js" */

/** What is changed of picture and model. `cut` holds 4 × block + branch; `swaps` pairs of patches that changed places. @typedef {{hidden: Set<number>, off: Set<number>, cut: Set<number>, swaps: Array<[number, number]>, positions: boolean}} Changes */
/** @typedef {Changes & {picture: number, token: number, at: Cell | null, look: "now" | "difference", step: number}} Machine */
/** @typedef {{name: string, image: string, alt?: string}} Sample */
/** @typedef {{ask: string, set: Record<string, any>, answers: string[], right: number, why: string}} Mission */
/** @typedef {Config & {about: About & {eps: number, hidden: number}, samples: Sample[], missions: Mission[]}} MachineConfig */

/** @type {Changes} */
export const UNCHANGED = { hidden: new Set(), off: new Set(), cut: new Set(), swaps: [], positions: true };
export const BRANCHES = /** @type {const} */ (["carried", "attention", "carried_mlp", "mlp"]);

/** Whether nothing is changed. @param {Changes} changes */
export function asTrained({ hidden, off, cut, swaps, positions }) {
  return hidden.size + off.size + cut.size + swaps.length === 0 && positions;
}

/** @extends {Keeper<Machine>} */
export class MachineState extends Keeper {
  constructor() {
    super(
      { ...UNCHANGED, picture: 0, token: 0, at: null, look: "now", step: -1 },
      ["hidden", "off", "cut", "swaps", "positions", "picture"],
    );
  }

  /** Puts something into a set, or takes it out. @param {"hidden" | "off" | "cut"} field @param {number} i @param {boolean} on */
  put(field, i, on) {
    const made = new Set(this.state[field]);
    if (on) made.add(i);
    else made.delete(i);
    this.change({ [field]: made }, { settled: false });
  }

  /** Two patches change places. @param {number} a @param {number} b */
  swap(a, b) {
    if (a !== b) this.change({ swaps: [...this.state.swaps, [a, b]] });
  }

  reset() {
    this.change({ ...UNCHANGED, look: "now" });
  }
}

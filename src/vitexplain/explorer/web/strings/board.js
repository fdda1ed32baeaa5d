import { choose } from "./choose.js";
import * as en from "./en/board.js";

export const strings = choose({ en });

import { choose } from "./choose.js";
import * as en from "./en/goat.js";

export const strings = choose({ en });

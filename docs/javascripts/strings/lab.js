import { choose } from "./choose.js";
import * as en from "./en/lab.js";

export const strings = choose({ en });

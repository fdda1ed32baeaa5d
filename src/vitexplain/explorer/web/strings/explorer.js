import { choose } from "./choose.js";
import * as en from "./en/explorer.js";

export const strings = choose({ en });

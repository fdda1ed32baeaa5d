import { choose } from "./choose.js";
import * as en from "./en/site.js";

export const strings = choose({ en });

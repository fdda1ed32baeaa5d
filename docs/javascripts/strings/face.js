import { choose } from "./choose.js";
import * as en from "./en/face.js";

export const strings = choose({ en });

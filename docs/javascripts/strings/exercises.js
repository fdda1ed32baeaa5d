import { choose } from "@vitexplain/explorer/strings/choose.js";
import * as en from "./en/exercises.js";

export const strings = choose({ en });

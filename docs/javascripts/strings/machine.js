import { choose } from "@vitexplain/explorer/strings/choose.js";
import * as en from "./en/machine.js";

export const strings = choose({ en });

import { LiveWidget } from "../widget.js";

/** @import { Config } from "../widget.js" */

/** @extends {LiveWidget<Config>} */
export class LiveGoat extends LiveWidget {}

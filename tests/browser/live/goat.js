// The explorer and “Goat, live” alone, as the site loads them.
import "@vitexplain/explorer/index.js";
import { LiveGoat } from "../../../docs/javascripts/live/goat/element.js";

customElements.define("live-goat", LiveGoat);

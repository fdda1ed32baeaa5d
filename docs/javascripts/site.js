// All that a page of this site may need. What a page does not need is not loaded.
import "./copy-code.js";
import "./plotly-figure.js";
import "./progress.js";
import "@vitexplain/explorer/index.js";
import "./exercises/index.js";
import "./live/index.js";

// What the page of the live face loads of the site.
import "../../../docs/javascripts/explorer/index.js";
import "../../../docs/javascripts/live/index.js";

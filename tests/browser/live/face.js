// What the page of the live face loads of the site.
import "@vitexplain/explorer/index.js";
import "../../../docs/javascripts/live/index.js";

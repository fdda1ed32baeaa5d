// The runtime's parts for a test to call: window.live.
import { aboutOf } from "../../../docs/javascripts/live/header.js";
import { Latest } from "../../../docs/javascripts/live/latest.js";
import { Model, flag, scalar, tensor } from "../../../docs/javascripts/live/runtime.js";
import { attentionOf, traceOf } from "../../../docs/javascripts/live/trace.js";

Object.assign(window, { live: { Latest, Model, aboutOf, attentionOf, flag, scalar, tensor, traceOf } });

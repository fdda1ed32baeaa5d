// What the page's own judge says to answers: `node judged.mjs` reads a list of [exercise, answer].
import { readFileSync } from "node:fs";
import { judge } from "../../docs/javascripts/exercises/judge.js";

const asked = JSON.parse(readFileSync(0, "utf8"));
console.log(JSON.stringify(asked.map(([exercise, given]) => judge(exercise, given))));

// What the machine says a number is made of, without a page: `node machine.mjs FOLDER < JSON`. The
// JSON holds a graph's file and outputs, what is changed, and how many numbers of each stage are asked.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const { build } = createRequire(new URL("../../web/package.json", import.meta.url))("esbuild");
const folder = process.argv[2];
const given = JSON.parse(readFileSync(0, "utf8"));
const entry = ["plan", "terms", "parameters"].map((name) => `export * from "./${name}.js";`).join("\n");
const { outputFiles } = await build({
  stdin: { contents: entry, resolveDir: join(folder, "docs/javascripts/live/machine") },
  bundle: true,
  format: "esm",
  write: false,
  alias: { "@vitexplain/explorer": join(folder, "src/vitexplain/explorer/web") },
});
globalThis.document = { documentElement: { lang: "en" } };
const code = Buffer.from(outputFiles[0].contents).toString("base64");
const { planOf, madeOf, total, parametersOf } = await import(`data:text/javascript;base64,${code}`);

const { about } = given;
const outputs = Object.fromEntries(
  Object.entries(given.outputs).map(([name, { dims, data }]) => {
    const bytes = Buffer.from(data, "base64");
    return [name, { dims, data: new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4) }];
  }),
);
const changes = { ...given.changes };
for (const name of ["hidden", "off", "cut"]) changes[name] = new Set(changes[name] ?? []);
const plan = planOf(about, about.hidden);
const parameters = parametersOf(readFileSync(given.file));
let seed = 1;
const random = (most) => (seed = (seed * 48271) % 2147483647) % most;
const found = [];
for (const stage of plan.values()) {
  for (let i = 0; i < given.count; i++) {
    const cell = { id: stage.id, row: random(stage.rows), col: random(stage.cols) };
    const made = madeOf({ about, plan, outputs, parameters, changes }, cell);
    found.push([stage.id, stage.kind, made.value, total(made)]);
  }
}
console.log(JSON.stringify(found));

// Bundles the explorer for the package: `node explorer.mjs OUTDIR` writes explorer.js and explorer.css.
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const web = join(here, "..", "src", "vitexplain", "explorer", "web");
for (const kind of ["js", "css"]) {
  await build({
    entryPoints: { explorer: join(web, `alone.${kind}`) },
    outdir: process.argv[2],
    bundle: true,
    minify: true,
    format: kind === "js" ? "iife" : undefined,
    target: "es2022",
    charset: "utf8",
    legalComments: "none",
    logLevel: "warning",
  });
}

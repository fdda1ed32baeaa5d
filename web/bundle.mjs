// Bundles the site's modules: `node bundle.mjs ENTRY OUTDIR`. Names end in a hash of the content,
// except the entry's. What is loaded on demand (`import()`) becomes a file of its own.
import { build } from "esbuild";

const [entry, outdir] = process.argv.slice(2);
await build({
  entryPoints: [entry],
  outdir,
  bundle: true,
  splitting: true,
  minify: true,
  format: "esm",
  target: "es2022",
  chunkNames: "[name]-[hash]",
  legalComments: "none",
  logLevel: "warning",
});

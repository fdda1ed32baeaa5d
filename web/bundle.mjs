// Bundles the site's modules: `node bundle.mjs FOLDER OUTDIR [ENTRY]`. Names end in a hash of the content,
// except the entry's. What is loaded on demand (`import()`) becomes a file of its own; so does the
// worker that runs models, and beside it lies the WebAssembly it loads, gzipped: a host need not
// be told to compress it, and its size is known before the download.
import { readFileSync, writeFileSync, mkdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const [folder, outdir, entry = join(folder, "site.js")] = process.argv.slice(2);
const here = dirname(fileURLToPath(import.meta.url));
const packages = join(here, "node_modules");
const runtime = join(packages, "onnxruntime-web");
const { version } = JSON.parse(readFileSync(join(runtime, "package.json"), "utf8"));
const wasm = gzipSync(readFileSync(join(runtime, "dist", "ort-wasm-simd-threaded.wasm")), { level: 9 });
mkdirSync(outdir, { recursive: true });
writeFileSync(join(outdir, `onnxruntime-${version}.wasm.gz`), wasm);

const shared = {
  outdir,
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  legalComments: "none",
  logLevel: "warning",
  nodePaths: [packages],
  alias: { "@vitexplain/explorer": join(here, "..", "src", "vitexplain", "explorer", "web") },
};
const worker = await build({
  ...shared,
  entryPoints: { "live-worker": join(folder, "live", "worker.js") },
  entryNames: "[name]-[hash]",
  metafile: true,
});
await build({
  ...shared,
  entryPoints: [entry],
  chunkNames: "[name]-[hash]",
  splitting: true,
  define: {
    "import.meta.worker": JSON.stringify(`./${basename(Object.keys(worker.metafile.outputs)[0])}`),
    "import.meta.wasm": JSON.stringify({ url: `./onnxruntime-${version}.wasm.gz`, bytes: wasm.length }),
  },
});

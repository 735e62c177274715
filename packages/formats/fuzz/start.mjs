#!/usr/bin/env node
// Damages the fixtures and reads them: node packages/formats/fuzz/start.mjs [cases [seed [reader …]]]
// Ends with 1 where a reader crashes or takes longer than a second. 10,000 cases of each unless told.
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

const [cases = "10000", seed = "1", ...names] = process.argv.slice(2);
// Inside of the folder whose dependencies it imports.
const outdir = fileURLToPath(new URL("../node_modules/.cache/fuzz/", import.meta.url));

// Node 20 does not read TypeScript.
await build({
  entryPoints: ["run", "meter"].map((name) =>
    fileURLToPath(new URL(`${name}.ts`, import.meta.url)),
  ),
  outdir,
  outExtension: { ".js": ".mjs" },
  bundle: true,
  platform: "node",
  format: "esm",
  target: "node20",
  conditions: ["@headform/source"],
  logLevel: "warning",
});
const load = (file) => import(pathToFileURL(`${outdir}${file}`).href);
const { installMeter } = await load("meter.mjs");
const meter = installMeter();
const { runFuzz } = await load("run.mjs");
process.exitCode = runFuzz(Number(cases), Number(seed), names, meter) ? 0 : 1;

#!/usr/bin/env node
// Pixel3DMM's fit on rendered faces.
//
//   node scripts/pixel3dmm-faces.mjs truth [faces]      without noise: open head and a head of FLAME's size
//   node scripts/pixel3dmm-faces.mjs ablation [faces]   the paper's table 5, with the noise of predictions
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { prepare, root } from "./prepare.mjs";

prepare();
// Only there once the packages are installed.
const { build } = await import("esbuild");

const [what = "truth", faces] = process.argv.slice(2);
if (what !== "truth" && what !== "ablation") {
  process.stderr.write(`pixel3dmm-faces: expected truth or ablation, got ${what}\n`);
  process.exit(2);
}
// Node 20 does not read TypeScript; inside of the folder whose dependencies the code imports.
const outdir = join(root, "benchmarks/node_modules/.cache/pixel3dmm");
const source = join(root, "packages/reconstruction/test/pixel3dmm");
await build({
  entryPoints: [join(source, "measure-faces.ts"), join(source, "flame-shaped.ts")],
  outdir,
  outExtension: { ".js": ".mjs" },
  bundle: true,
  packages: "external",
  platform: "node",
  format: "esm",
  target: "node20",
  logLevel: "warning",
});
const load = (file) => import(pathToFileURL(join(outdir, file)).href);
const { measureAblation, measureTruth } = await load("measure-faces.mjs");
const { readHead } = await import(
  pathToFileURL(join(root, "packages/morphable-model/dist/index.js")).href
);
const head = readHead(readFileSync(join(root, "packages/open-head/data/head.safetensors")));
const print = (line) => console.log(line);
if (what === "ablation") measureAblation(head, Number(faces ?? 20), print);
else {
  const { flameShaped } = await load("flame-shaped.mjs");
  measureTruth(head, Number(faces ?? 50), print);
  measureTruth(flameShaped(), Number(faces ?? 50), print);
}

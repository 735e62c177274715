#!/usr/bin/env node
// Runs benchmarks/src/*.bench.ts on the built packages and writes benchmarks/results/*.csv.
//
//   npm run bench                   all of them
//   npm run bench -- nearest        those named
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { prepare, root } from "./prepare.mjs";

prepare();
// Only there once the packages are installed.
const { build } = await import("esbuild");

const source = join(root, "benchmarks/src");
// Inside of the folder whose dependencies the benchmarks import.
const outdir = join(root, "benchmarks/node_modules/.cache/bench");
const all = readdirSync(source)
  .filter((file) => file.endsWith(".bench.ts"))
  .map((file) => file.slice(0, -".bench.ts".length))
  .sort();
const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !all.includes(name));
if (unknown.length > 0) {
  process.stderr.write(`bench: no ${unknown.join(", ")}; there are ${all.join(", ")}\n`);
  process.exit(2);
}

// Node 20 does not read TypeScript.
await build({
  entryPoints: ["run.ts", ...all.map((name) => `${name}.bench.ts`)].map((file) =>
    join(source, file),
  ),
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
const { runBenchmarks } = await load("run.mjs");
const benchmarks = [];
for (const name of asked.length > 0 ? asked : all) {
  benchmarks.push({ name, run: (await load(`${name}.bench.mjs`)).run });
}
await runBenchmarks(benchmarks, join(root, "benchmarks/results"));

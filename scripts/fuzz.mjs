#!/usr/bin/env node
// Damages the fixtures and reads them: npm run fuzz -- [cases [seed [reader …]]]
// Ends with 1 where a reader crashes, takes longer than a second, or takes more than twice a file that it
// refuses. 10,000 cases of each unless told.
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

const [cases = "10000", seed = "1", ...names] = process.argv.slice(2);
const root = fileURLToPath(new URL("..", import.meta.url));
// Two levels deep, like the sources, which find their fixtures from where they are.
const outdir = join(root, "node_modules/.cache/fuzz");

// Node 20 does not read TypeScript.
await build({
  entryPoints: {
    meter: join(root, "packages/formats/fuzz/meter.ts"),
    formats: join(root, "packages/formats/fuzz/run.ts"),
    models: join(root, "packages/morphable-model/fuzz/run.ts"),
    networks: join(root, "packages/networks/fuzz/run.ts"),
  },
  outdir,
  outExtension: { ".js": ".mjs" },
  bundle: true,
  platform: "node",
  format: "esm",
  target: "node20",
  conditions: ["@headform/source"],
  logLevel: "warning",
});
const load = (file) => import(pathToFileURL(join(outdir, file)).href);
const { installMeter } = await load("meter.mjs");
const meter = installMeter();
for (const suite of ["formats.mjs", "models.mjs", "networks.mjs"]) {
  const { runFuzz } = await load(suite);
  if (!(await runFuzz(Number(cases), Number(seed), names, meter))) process.exitCode = 1;
}
const megabytes = Math.round(process.resourceUsage().maxRSS / 1024);
process.stdout.write(`resident at most ${megabytes} MB\n`);

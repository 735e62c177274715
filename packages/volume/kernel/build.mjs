// Compiles slab.as.ts to WebAssembly with SIMD and writes ../src/slab-wasm-binary.ts.
// The compiler is fetched by npx; the version is pinned, so the same source gives the same bytes.
//
//   node packages/volume/kernel/build.mjs

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const compiler = "assemblyscript@0.27.37";
const folder = mkdtempSync(join(tmpdir(), "slab-"));
const binary = join(folder, "slab.wasm");
const flags = ["--enable", "simd", "--runtime", "stub", "-O3", "--noAssert", "--importMemory"];
const source = fileURLToPath(new URL("slab.as.ts", import.meta.url));
execFileSync("npx", ["--yes", "-p", compiler, "asc", source, "-o", binary, ...flags], {
  cwd: folder,
  stdio: "inherit",
});
const lines = readFileSync(binary)
  .toString("base64")
  .match(/.{1,92}/g);
writeFileSync(
  fileURLToPath(new URL("../src/slab-wasm-binary.ts", import.meta.url)),
  `/** kernel/slab.as.ts, compiled by kernel/build.mjs with ${compiler}; do not edit. */
export const SLAB_WASM: string = [
${lines.map((line) => `  "${line}",`).join("\n")}
].join("");
`,
);
rmSync(folder, { recursive: true });

// Compiles gram.as.ts to WebAssembly with SIMD and writes ../src/gram-wasm-binary.ts.
// The compiler is fetched by npx; the version is pinned, so the same source gives the same bytes.
//
//   node packages/core-math/kernel/build.mjs

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const compiler = "assemblyscript@0.27.37";
const folder = mkdtempSync(join(tmpdir(), "gram-"));
const binary = join(folder, "gram.wasm");
const flags = ["--enable", "simd", "--runtime", "stub", "-O3", "--noAssert", "--importMemory"];
const source = fileURLToPath(new URL("gram.as.ts", import.meta.url));
execFileSync("npx", ["--yes", "-p", compiler, "asc", source, "-o", binary, ...flags], {
  cwd: folder,
  stdio: "inherit",
});
const lines = readFileSync(binary)
  .toString("base64")
  .match(/.{1,92}/g);
writeFileSync(
  fileURLToPath(new URL("../src/gram-wasm-binary.ts", import.meta.url)),
  `/** kernel/gram.as.ts, compiled by kernel/build.mjs with ${compiler}; do not edit. */
export const GRAM_WASM: string = [
${lines.map((line) => `  "${line}",`).join("\n")}
].join("");
`,
);
rmSync(folder, { recursive: true });

// Compiles packages/*/kernel/NAME.as.ts to WebAssembly with SIMD and writes src/NAME-wasm-binary.ts of
// its package. The compiler is fetched by npx; the version is pinned, so the same source gives the same
// bytes.
//
//   node scripts/build-kernel.mjs gram | skinning | slab

import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const compiler = "assemblyscript@0.27.37";
const flags = ["--enable", "simd", "--runtime", "stub", "-O3", "--noAssert", "--importMemory"];

const [name] = process.argv.slice(2);
const packages = fileURLToPath(new URL("../packages", import.meta.url));
const home = readdirSync(packages).find((each) => existsSync(join(packages, each, sourceOf(name))));
if (!home) throw new Error(`build-kernel: no packages/*/kernel/${name}.as.ts`);

const folder = mkdtempSync(join(tmpdir(), `${name}-`));
const binary = join(folder, `${name}.wasm`);
const source = join(packages, home, sourceOf(name));
execFileSync("npx", ["--yes", "-p", compiler, "asc", source, "-o", binary, ...flags], {
  cwd: folder,
  stdio: "inherit",
});
const lines = readFileSync(binary)
  .toString("base64")
  .match(/.{1,92}/g);
writeFileSync(
  join(packages, home, "src", `${name}-wasm-binary.ts`),
  `/** kernel/${name}.as.ts, compiled by scripts/build-kernel.mjs with ${compiler}; do not edit. */
export const ${name.toUpperCase()}_WASM: string = [
${lines.map((line) => `  "${line}",`).join("\n")}
].join("");
`,
);
rmSync(folder, { recursive: true });

function sourceOf(kernel) {
  return join("kernel", `${kernel}.as.ts`);
}

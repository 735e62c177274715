import { readFileSync } from "node:fs";
import { defineConfig, type Options } from "tsup";

/** The `exports` map of the package being built is the only list of its entry points. */
const manifest = JSON.parse(readFileSync("package.json", "utf8")) as {
  exports?: Record<string, string | Record<string, string>>;
  bin?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
};

const entry: string[] = [];
for (const target of Object.values(manifest.exports ?? {})) {
  if (typeof target === "object" && target["@headform/source"]) {
    entry.push(target["@headform/source"]);
  }
}
for (const bin of Object.values(manifest.bin ?? {})) {
  entry.push(bin.replace("./dist/", "src/").replace(/\.js$/, ".ts"));
}

const config: Options = defineConfig({
  entry,
  format: "esm",
  target: "es2022",
  platform: "neutral",
  removeNodeProtocol: false,
  // Types come from tsc: tsup's own d.ts build cannot follow isolated declarations.
  dts: false,
  sourcemap: true,
  splitting: true,
  clean: true,
  outDir: "dist",
  // Dependencies stay outside by themselves, optional ones do not.
  external: [/^node:/, ...Object.keys(manifest.optionalDependencies ?? {})],
}) as Options;

export default config;

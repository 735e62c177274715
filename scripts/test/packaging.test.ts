import { type ExecFileSyncOptions, execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { builtinModules } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

// What users get: every published package is packed, checked, installed into an empty project
// outside of the workspace, imported, required, type-checked and bundled for a browser.

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly exports: Record<string, string | { readonly default: string }>;
  readonly bin?: Record<string, string>;
}

const readManifest = (folder: string): Manifest =>
  JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;
const folders = readdirSync(join(root, "packages"))
  .map((name) => join(root, "packages", name))
  .filter((folder) => existsSync(join(folder, "package.json")) && !readManifest(folder).private);
const manifests = folders.map(readManifest);

/** Every importable entry point, e.g. `@headform/mesh/io`. */
const entries = manifests.flatMap(({ name, exports }) =>
  Object.entries(exports)
    .filter(([path, target]) => typeof target === "object" && !path.includes("*"))
    .map(([path]) => name + path.slice(1)),
);
const nodeOnly = (entry: string): boolean => entry === "headform" || entry.endsWith("/node");

const project = mkdtempSync(join(tmpdir(), "headform-packaging-"));
const app = join(project, "app");
const tarball = ({ name, version }: Manifest): string =>
  join(project, `${name.replace("@", "").replace("/", "-")}-${version}.tgz`);

function run(command: string, args: string[], options: ExecFileSyncOptions = {}): string {
  try {
    return execFileSync(command, args, {
      cwd: app,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
      maxBuffer: 1 << 26,
      ...options,
      env: { ...process.env, ONNXRUNTIME_NODE_INSTALL: "skip", NODE_OPTIONS: "" },
    }) as string;
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    throw new Error(`${command} ${args.join(" ")}\n${stdout ?? ""}\n${stderr ?? String(error)}`);
  }
}

beforeAll(() => {
  for (const [i, { name, exports }] of manifests.entries()) {
    for (const target of Object.values(exports)) {
      const file = typeof target === "object" ? join(folders[i]!, target.default) : folders[i]!;
      if (!existsSync(file)) throw new Error(`${name} is not built: run npm run build first`);
    }
  }
  mkdirSync(app);
  const { packageManager } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    packageManager: string;
  };
  run(
    "npx",
    ["--yes", packageManager, "-r", "--filter=./packages/*", "pack", "--pack-destination", project],
    { cwd: root },
  );
  writeFileSync(join(app, "package.json"), JSON.stringify({ name: "app", type: "module" }));
  run("npm", [
    "install",
    "--no-audit",
    "--no-fund",
    "--ignore-scripts",
    "--prefer-offline",
    ...manifests.map(tarball),
  ]);
}, 300_000);

afterAll(() => {
  rmSync(project, { recursive: true, force: true });
});

test.each(manifests)("$name: publint finds nothing", async (manifest) => {
  const bytes = readFileSync(tarball(manifest));
  const { messages, pkg } = await publint({
    pack: { tarball: new Uint8Array(bytes).buffer },
    strict: true,
  });
  expect(messages.map((message) => formatMessage(message, pkg, { color: false }))).toEqual([]);
});

test("the types of every entry point resolve (are the types wrong?)", async () => {
  // The command checks one package per start; its own core checks them all in one.
  const cli = realpathSync(join(root, "node_modules/@arethetypeswrong/cli"));
  const core = (await import(pathToFileURL(join(cli, "../core/dist/index.js")).href)) as {
    checkPackage(pkg: unknown): Promise<{
      types: unknown;
      problems: { kind: string; entrypoint?: string; resolutionKind?: string }[];
    }>;
    createPackageFromTarballData(bytes: Uint8Array): unknown;
  };
  // The profile `esm-only`: resolution that cannot see ESM exports is not promised.
  const notPromised = ["node10", "node16-cjs"];
  for (const manifest of manifests) {
    const bytes = new Uint8Array(readFileSync(tarball(manifest)));
    const result = await core.checkPackage(core.createPackageFromTarballData(bytes));
    expect(result.types, `${manifest.name} has types`).toBeTruthy();
    const problems = result.problems
      .filter(({ resolutionKind }) => !notPromised.includes(resolutionKind ?? ""))
      .map(({ kind, entrypoint, resolutionKind }) => `${kind} ${entrypoint} ${resolutionKind}`);
    expect(problems, manifest.name).toEqual([]);
  }
}, 180_000);

test("every entry point can be imported and required", () => {
  writeFileSync(
    join(app, "load.mjs"),
    `import { createRequire } from "node:module";
    const require = createRequire(import.meta.url);
    const names = {};
    for (const entry of ${JSON.stringify(entries)}) {
      const imported = Object.keys(await import(entry)).sort();
      const required = Object.keys(require(entry)).sort();
      if (imported.join() !== required.join()) throw new Error(entry + ": import and require differ");
      names[entry] = imported;
    }
    console.log(JSON.stringify(names));`,
  );
  const names = JSON.parse(run(process.execPath, ["load.mjs"])) as Record<string, string[]>;
  expect(Object.keys(names).sort()).toEqual([...entries].sort());
  for (const entry of entries) expect(names[entry]!.length, entry).toBeGreaterThan(0);
});

test("the installed command runs", () => {
  expect(run(join(app, "node_modules/.bin/headform"), ["--version"]).trim()).toMatch(
    /\d+\.\d+\.\d+/,
  );
});

test("a strict consumer type-checks against what is installed", () => {
  const lines = entries.map((entry, i) => `import * as p${i} from "${entry}";`);
  const list = entries.map((_, i) => `p${i}`).join(", ");
  writeFileSync(join(app, "consumer.ts"), `${lines.join("\n")}\nexport const all = [${list}];\n`);
  writeFileSync(
    join(app, "tsconfig.json"),
    JSON.stringify({
      compilerOptions: {
        module: "NodeNext",
        target: "ES2022",
        lib: ["ES2023", "DOM"],
        types: [],
        strict: true,
        noEmit: true,
        skipLibCheck: false,
      },
      files: ["consumer.ts"],
    }),
  );
  run(join(root, "node_modules/.bin/tsc"), ["-p", "."]);
}, 120_000);

test.each(["as it is", "bundled", "bundled and minified", "bundled with names"])(
  "networks run in a worker thread: %s",
  async (form) => {
    const contents = `import { readFileSync } from "node:fs";
      import { createBackend } from "@headform/inference/node";
      import { selfTest } from "@headform/inference";
      const backend = await createBackend({ prefer: "wasm", worker: true });
      const { ok } = await selfTest(backend.createSession);
      await backend.release();
      console.log(ok);`;
    const file = join(app, "worker.mjs");
    if (form === "as it is") writeFileSync(file, contents);
    else {
      await build({
        stdin: { contents, resolveDir: app },
        bundle: true,
        outfile: file,
        format: "esm",
        platform: "node",
        minify: form.endsWith("minified"),
        keepNames: form.endsWith("names"),
        external: ["onnxruntime-*"],
      });
    }
    expect(run(process.execPath, [file]).trim()).toBe("true");
  },
);

describe("for a browser", () => {
  test.each(entries.filter((entry) => !nodeOnly(entry)))("%s bundles", async (entry) => {
    const result = await build({
      stdin: { contents: `export * from ${JSON.stringify(entry)};`, resolveDir: app },
      bundle: true,
      write: false,
      format: "esm",
      platform: "browser",
      metafile: true,
      logLevel: "silent",
      // Left alone, so that a mention in unused code of a dependency is dropped and a used one shows.
      external: ["node:*", ...builtinModules],
    });
    const left = Object.values(result.metafile.outputs).flatMap(({ imports }) => imports);
    expect(left.map(({ path }) => path)).toEqual([]);
  });
});

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Folder of the repository, without a slash at the end. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

const stampFile = join(root, "node_modules/.cache/headform-build.json");
const { packageManager } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

/** Why installing or building stopped; what the tools said went to stderr already. */
export class PrepareError extends Error {
  name = "PrepareError";
}

/**
 * Makes a clone ready to run: installs and builds, each only when what it depends on has changed
 * since it was last done here. All output goes to stderr.
 *
 * @param {(line: string) => void} log progress, a line at a time
 * @throws {PrepareError} when a step fails
 */
export function prepare(log = (line) => process.stderr.write(`headform: ${line}\n`)) {
  const packages = packageFolders();
  const state = { install: installState(packages), build: buildState(packages) };
  const stamp = readStamp();
  const installed = stamp.install === state.install && existsSync(join(root, "node_modules/.bin"));
  if (installed && stamp.build === state.build && packages.every(isBuilt)) return;

  if (!installed) {
    log("installing packages (once, and when they change) …");
    // Only npm is sure to be there; its npx brings the package manager.
    const install = [packageManager, "install", "--frozen-lockfile", "--reporter=append-only"];
    runTool("install", "npx", ["--yes", ...install]);
    writeStamp({ ...stamp, install: state.install });
  }
  log("building (once, and when sources change) …");
  const turbo = join(root, "node_modules/turbo/bin/turbo");
  runTool("build", process.execPath, [turbo, "run", "build", "--output-logs=errors-only"]);
  writeStamp(state);
}

/**
 * Standard output goes to stderr, so that a command's own output stays pure; there is no input.
 */
function runTool(step, command, args) {
  const { status, error } = spawnSync(command, args, {
    cwd: root,
    stdio: ["ignore", 2, 2],
    shell: process.platform === "win32" && command === "npx",
    env: {
      ...process.env,
      // Absolute, since turbo starts the package manager from each package's folder.
      PATH: `${join(root, "node_modules/.bin")}${delimiter}${process.env.PATH}`,
      // Nobody is there to answer, and nothing is sent home.
      CI: "1",
      TURBO_TELEMETRY_DISABLED: "1",
      // Its script would fetch CUDA libraries, which nothing here uses.
      ONNXRUNTIME_NODE_INSTALL: "skip",
    },
  });
  if (status !== 0) {
    throw new PrepareError(`${step} failed${error ? `: ${error.message}` : "; see above"}`);
  }
}

function packageFolders() {
  return readdirSync(join(root, "packages"))
    .map((name) => join(root, "packages", name))
    .filter((folder) => existsSync(join(folder, "package.json")));
}

/** Digest of everything that decides what is installed: read, since these files are few. */
function installState(packages) {
  const hash = createHash("sha256").update(process.version);
  const files = ["pnpm-lock.yaml", "pnpm-workspace.yaml", "package.json"].map((f) => join(root, f));
  for (const file of [...files, ...packages.map((folder) => join(folder, "package.json"))]) {
    hash.update(file.slice(root.length)).update(readFileSync(file));
  }
  return hash.digest("hex");
}

/** Digest of everything that decides what is built: by time and size, since these files are many. */
function buildState(packages) {
  const hash = createHash("sha256");
  const add = (file) => {
    const { mtimeMs, size } = statSync(file);
    hash.update(`${file.slice(root.length)} ${mtimeMs} ${size}\n`);
  };
  for (const name of ["tsconfig.base.json", "tsup.config.ts", "turbo.json"]) add(join(root, name));
  for (const folder of packages) {
    for (const name of ["package.json", "tsconfig.build.json"]) {
      if (existsSync(join(folder, name))) add(join(folder, name));
    }
    for (const entry of readdirSync(join(folder, "src"), {
      recursive: true,
      withFileTypes: true,
    })) {
      if (entry.isFile()) add(join(entry.parentPath ?? entry.path, entry.name));
    }
  }
  return hash.digest("hex");
}

/** Whether every entry point that a package promises is there. */
function isBuilt(folder) {
  const { exports = {}, bin = {} } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const targets = Object.values(exports).map((target) => target.default ?? target);
  return [...targets, ...Object.values(bin)]
    .filter((target) => target.startsWith("./dist/"))
    .every((target) => existsSync(join(folder, target)));
}

function readStamp() {
  try {
    return JSON.parse(readFileSync(stampFile, "utf8"));
  } catch {
    return {};
  }
}

function writeStamp(stamp) {
  mkdirSync(dirname(stampFile), { recursive: true });
  writeFileSync(stampFile, `${JSON.stringify(stamp)}\n`);
}

import { execFile } from "node:child_process";
import { availableParallelism, totalmem } from "node:os";
import { promisify } from "node:util";
import { type BackendAttempt, selfTest } from "@headform/inference";
import { createBackend, type NodeBackendName } from "@headform/inference/node";
import { loadHead, loadNetwork } from "@headform/open-head/node";
import type { Command } from "commander";
import { EXIT_CODES } from "../failure.ts";
import { type CacheContents, readCache } from "../read-cache.ts";
import type { Terminal } from "../terminal.ts";

/** What `headform doctor --json` prints. */
interface Diagnosis {
  readonly headform: string;
  readonly platform: {
    readonly node: string;
    readonly system: string;
    readonly cores: number;
    readonly memoryGb: number;
  };
  readonly backends: readonly BackendAttempt[];
  /** What `--backend auto` takes; absent when nothing runs. */
  readonly backend?: string;
  readonly cache: CacheContents;
  /** Its version; absent when it is not installed. */
  readonly ffmpeg?: string;
  readonly models: readonly {
    readonly name: string;
    readonly bytes?: number;
    readonly problem?: string;
  }[];
  /** What to do about what is missing. */
  readonly advice: readonly string[];
}

const BACKENDS: readonly NodeBackendName[] = [
  "cpu",
  "wasm",
  "cuda",
  "directml",
  "coreml",
  "webgpu",
];
const NETWORKS = ["dense", "detector", "volume", "volume-guided"] as const;

/** Adds `headform doctor` to the program. */
export function addDoctor(
  program: Command,
  terminal: Terminal,
  version: string,
  setExitCode: (code: number) => void,
): void {
  program
    .command("doctor")
    .summary("what works on this machine, and what to do about the rest")
    .description(
      "Tries every way to run networks with a small test of its results, and looks for the models,\n" +
        "the cache and ffmpeg. Ends with 1 when heads cannot be made here.",
    )
    .option("--json", "print it as JSON")
    .action(async ({ json }: { readonly json?: boolean }) => {
      const diagnosis = await diagnose(version, terminal);
      terminal.stdout.write(json ? `${JSON.stringify(diagnosis, null, 2)}\n` : describe(diagnosis));
      const broken =
        diagnosis.backend === undefined || diagnosis.models.some(({ problem }) => problem);
      if (broken) setExitCode(EXIT_CODES.failed);
    });
}

async function diagnose(version: string, { env }: Terminal): Promise<Diagnosis> {
  const backends: BackendAttempt[] = [];
  for (const name of BACKENDS) backends.push(await tryBackend(name));
  const models = await Promise.all([
    lookAt("head", async () => (await loadHead()).head),
    ...NETWORKS.map((name) => lookAt(name, async () => (await loadNetwork(name)).model)),
  ]);
  const cache = await readCache(env);
  const ffmpeg = await findFfmpeg();
  const backend = backends.find(({ name, ok }) => ok && (name === "cpu" || name === "wasm"))?.name;

  const advice: string[] = [];
  const missing = (name: NodeBackendName): boolean =>
    !backends.some((attempt) => attempt.name === name && attempt.ok);
  if (missing("cpu")) {
    advice.push(
      missing("wasm")
        ? "No ONNX runtime starts: install onnxruntime-node or onnxruntime-web beside headform."
        : "The native runtime is missing, WebAssembly is 6 to 8 times slower: install onnxruntime-node (where its install script fails, with ONNXRUNTIME_NODE_INSTALL=skip).",
    );
  }
  for (const { name, problem } of models) {
    if (problem) advice.push(`${name}: install @headform/open-head again.`);
  }
  if (ffmpeg === undefined) {
    advice.push("ffmpeg is not on the PATH; it is needed only to take frames out of videos.");
  }
  return {
    headform: version,
    platform: {
      node: process.versions.node,
      system: `${process.platform} ${process.arch}`,
      cores: availableParallelism(),
      memoryGb: Math.round(totalmem() / 2 ** 30),
    },
    backends,
    ...(backend !== undefined && { backend }),
    cache,
    ...(ffmpeg !== undefined && { ffmpeg }),
    models,
    advice,
  };
}

async function tryBackend(prefer: NodeBackendName): Promise<BackendAttempt> {
  try {
    const { createSession, tried } = await createBackend({ prefer });
    const attempt = tried[0] as BackendAttempt;
    // A graphics provider has been tested on the way.
    if (attempt.selfTest) return attempt;
    const result = await selfTest(createSession);
    if (result.ok) return { ...attempt, selfTest: result };
    return { name: prefer, ok: false, reason: "its results are wrong", selfTest: result };
  } catch (error) {
    return { name: prefer, ok: false, reason: error instanceof Error ? error.message : `${error}` };
  }
}

async function lookAt(
  name: string,
  load: () => Promise<Uint8Array>,
): Promise<Diagnosis["models"][number]> {
  try {
    return { name, bytes: (await load()).byteLength };
  } catch (error) {
    return { name, problem: error instanceof Error ? error.message : `${error}` };
  }
}

async function findFfmpeg(): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)("ffmpeg", ["-version"], { timeout: 5000 });
    return /version (\S+)/.exec(stdout)?.[1] ?? "unknown version";
  } catch {
    return undefined;
  }
}

function describe(diagnosis: Diagnosis): string {
  const { platform, cache } = diagnosis;
  const row = (name: string, text: string): string => `  ${name.padEnd(14)} ${text}\n`;
  let text = `headform ${diagnosis.headform}, Node ${platform.node} on ${platform.system}, `;
  text += `${platform.cores} cores, ${platform.memoryGb} GB\n\nbackends\n`;
  for (const { name, ok, reason = "", selfTest: test } of diagnosis.backends) {
    const measured = test
      ? `, self-test off by ${test.error.toExponential(0)} in ${test.milliseconds.toFixed(1)} ms`
      : "";
    const taken = name === diagnosis.backend ? ", taken by --backend auto" : "";
    text += row(name, ok ? `works${measured}${taken}` : `no: ${inOneLine(reason)}`);
  }
  text += "\nmodels\n";
  for (const { name, bytes = 0, problem } of diagnosis.models) {
    text += row(name, problem ?? `${(bytes / 1e6).toFixed(1)} MB, as published`);
  }
  text += "\nelsewhere\n";
  text += row(
    "cache",
    `${cache.folder}: ${cache.files.length} ${cache.files.length === 1 ? "file" : "files"}, ${(cache.bytes / 1e6).toFixed(1)} MB`,
  );
  for (const { name, bytes } of cache.files)
    text += row("", `${(bytes / 1e6).toFixed(1)} MB ${name}`);
  text += row("ffmpeg", diagnosis.ffmpeg ?? "not found");
  if (diagnosis.advice.length > 0) text += `\n${diagnosis.advice.join("\n")}\n`;
  return text;
}

/** The runtime's own reason, which runs over lines, without who passed it on. */
function inOneLine(reason: string): string {
  const own = /as an ONNX network: (.*)\); [^)]*$/s.exec(reason)?.[1] ?? reason;
  const text = own.replace(/\s+/g, " ").trim();
  return text.length > 160 ? `${text.slice(0, 157)}…` : text;
}

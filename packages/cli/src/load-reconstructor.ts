import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { type DenseManifest, type DetectorManifest, readManifest } from "@headform/inference";
import type { BackendPreference } from "@headform/inference/node";
import { YUNET } from "@headform/networks/detector";
import {
  type LoadedReconstructor,
  type LoadReconstructorOptions,
  loadReconstructor as load,
} from "@headform/reconstruction/node";
import { Failure } from "./failure.ts";

export interface NetworkFiles {
  readonly detector?: string;
  readonly network?: string;
  readonly backend: BackendPreference;
}

/**
 * The open head and the default networks, these replaced by the user's own files where named.
 *
 * @throws {Failure} when a file cannot be read or is not what its option asks for
 */
export async function loadReconstructor(
  files: NetworkFiles,
  cwd: string,
): Promise<LoadedReconstructor> {
  const dense = files.network && (await loadDense(files.network, cwd));
  const detector = files.detector && (await loadDetector(files.detector, cwd));
  try {
    return await load({
      prefer: files.backend,
      ...(dense && { dense }),
      ...(detector && { detector }),
    });
  } catch (cause) {
    const own = [
      ...(files.detector ? [`--detector ${files.detector}`] : []),
      ...(files.network ? [`--network ${files.network}`] : []),
    ].join(" or ");
    const where = own && `${own} cannot be used: `;
    throw new Failure("failed", "networks", `${where}${messageOf(cause)}.`, { cause });
  }
}

async function loadDense(
  file: string,
  cwd: string,
): Promise<{ model: Uint8Array; manifest: DenseManifest }> {
  const model = await read("--network", file, cwd);
  const manifest = await loadManifest("--network", file, cwd);
  if (manifest?.kind !== "dense") {
    throw new Failure(
      "failed",
      "wrong-network",
      `--network ${file} needs a manifest of a dense network beside it (${manifestPath(file)}): ` +
        "it says what the input and output planes mean.",
    );
  }
  return { model, manifest };
}

/** A detector with its manifest beside it, or, without one, a YuNet. */
async function loadDetector(
  file: string,
  cwd: string,
): Promise<NonNullable<LoadReconstructorOptions["detector"]>> {
  const model = await read("--detector", file, cwd);
  const manifest = await loadManifest("--detector", file, cwd);
  if (manifest === undefined) return { model, manifest: YUNET };
  if (manifest.kind === "detector") return { model, manifest: manifest as DetectorManifest };
  throw new Failure("failed", "wrong-network", `--detector ${file} is a ${manifest.kind} network.`);
}

async function loadManifest(
  option: string,
  file: string,
  cwd: string,
): Promise<ReturnType<typeof readManifest> | undefined> {
  const path = manifestPath(file);
  const text = await readFile(resolve(cwd, path), "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return readManifest(JSON.parse(text));
  } catch (cause) {
    throw new Failure(
      "failed",
      "wrong-manifest",
      `${option} ${file}: its manifest ${path} cannot be used (${messageOf(cause)}).`,
      { cause },
    );
  }
}

function manifestPath(file: string): string {
  return file.replace(/\.onnx$/i, "").concat(".json");
}

async function read(option: string, file: string, cwd: string): Promise<Uint8Array> {
  try {
    return await readFile(resolve(cwd, file));
  } catch (cause) {
    throw new Failure(
      "failed",
      "unreadable-file",
      `${option} ${file} could not be read (${messageOf(cause)}). Check the path.`,
      { cause },
    );
  }
}

function messageOf(cause: unknown): string {
  return (cause instanceof Error ? cause.message : String(cause)).replace(/\.$/, "");
}

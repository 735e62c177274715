import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { readManifest } from "@headform/inference";
import { type PcaModel, readHead } from "@headform/morphable-model";
import type { Reconstructor } from "@headform/reconstruction";
import { loadReconstructor as load } from "@headform/reconstruction/node";
import { Failure } from "./failure.ts";
import type { Progress } from "./progress.ts";

export const BACKENDS = ["auto", "cpu", "wasm"] as const;
export type BackendName = (typeof BACKENDS)[number];
export const DEFAULT_BACKEND: BackendName = "auto";

export interface NetworkFiles {
  readonly detector?: string;
  readonly model?: string;
  readonly network?: string;
  readonly backend: BackendName;
}

/**
 * The open head and the default networks, each replaced by the user's own file where one is named.
 *
 * @throws {Failure} when a file cannot be read or is not what its option asks for
 */
export async function loadReconstructor(
  files: NetworkFiles,
  cwd: string,
  progress: Progress,
): Promise<Reconstructor> {
  const head = files.model && (await loadModel(files.model, cwd));
  const dense = files.network && (await loadNetwork("--network", files.network, cwd, true));
  const detector = files.detector && (await loadNetwork("--detector", files.detector, cwd, false));
  try {
    const reconstructor = await load({
      prefer: files.backend,
      ...(head ? { head } : {}),
      ...(dense ? { dense } : {}),
      ...(detector ? { detector } : {}),
    });
    for (const { name, ok, reason } of reconstructor.tried) {
      if (!ok && files.backend === "auto") progress.message(`note: ${name} passed over: ${reason}`);
    }
    return reconstructor;
  } catch (cause) {
    throw new Failure("failed", "networks", messageOf(cause), { cause });
  }
}

import { readdir, readFile, stat } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import type { PcaModel, SkinnedModel } from "@headform/morphable-model";
import { isMorphableModelError, readModel } from "@headform/morphable-model/io";
import { Failure } from "./failure.ts";
import { fetchInput, isAddress } from "./fetch-input.ts";
import type { Terminal } from "./terminal.ts";

/** Bytes that the files of one model may have together: the largest published ones twice. */
const MAX_BYTES = 2 ** 31 - 1;

/**
 * Reads a head model of any known kind from a file, the files beside it that belong to it, or a
 * folder of files.
 *
 * @param file a file, its http address, or a folder
 * @param companions files that belong to the model: masks, landmarks, triangles, blendshapes
 * @throws {Failure} when a file cannot be read or together they are no model
 */
export async function readModelFiles(
  file: string,
  companions: readonly string[],
  terminal: Terminal,
): Promise<PcaModel | SkinnedModel> {
  const files = new Map<string, Uint8Array>();
  let total = 0;
  for (const path of await expandFolder(file, companions, terminal.cwd)) {
    const bytes = isAddress(path)
      ? await fetchInput(path, terminal)
      : await readFile(path).catch((cause: Error) => unreadable(path, cause));
    total += bytes.length;
    if (total > MAX_BYTES) {
      throw new Failure(
        "failed",
        "model-too-large",
        `${file} holds more than 2 GB of model files.`,
      );
    }
    files.set(basename(isAddress(path) ? new URL(path).pathname : path), bytes);
  }
  try {
    return await readModel(files);
  } catch (cause) {
    if (!isMorphableModelError(cause)) throw cause;
    throw new Failure(
      "failed",
      "wrong-model",
      `${file} is no head model that can be read (${cause.message.replace(/\.$/, "")}). ` +
        "docs/formats.md lists the files of each kind; those beside the model are given with --with.",
      { cause },
    );
  }
}

async function expandFolder(
  file: string,
  companions: readonly string[],
  cwd: string,
): Promise<string[]> {
  const place = (name: string): string => (isAddress(name) ? name : resolve(cwd, name));
  const path = place(file);
  const beside = companions.map(place);
  if (isAddress(path)) return [path, ...beside];
  const status = await stat(path).catch((cause: Error) => unreadable(file, cause));
  if (!status.isDirectory()) return [path, ...beside];
  const names = (await readdir(path, { withFileTypes: true }))
    .filter((entry) => entry.isFile() && !entry.name.startsWith("."))
    .map((entry) => join(path, entry.name))
    .sort();
  return [...names, ...beside];
}

function unreadable(file: string, cause: Error): never {
  throw new Failure(
    "failed",
    "unreadable-file",
    `${file} could not be read (${cause.message}). Check the path.`,
    { cause },
  );
}

import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { isFormatError, readNpy } from "@headform/formats/numpy";
import { Failure } from "./failure.ts";

/**
 * Coefficients of an identity: a list of numbers in JSON, the report of `--json` (its first face), or a
 * .npy file.
 *
 * @param most coefficients of the head
 * @throws {Failure} when the file cannot be read or holds something else
 */
export async function readIdentity(path: string, most: number): Promise<number[]> {
  const name = basename(path);
  const bytes = await readFile(path).catch((cause: unknown) => {
    const message = `--identity ${name} could not be read. Check the path.`;
    throw new Failure("failed", "unreadable-file", message, { cause });
  });
  const list = name.endsWith(".npy") ? fromNpy(bytes, name) : fromJson(bytes, name);
  const numbers = list.map(Number);
  if (numbers.length === 0 || numbers.length > most || !numbers.every(Number.isFinite)) {
    throw new Failure(
      "failed",
      "wrong-identity",
      `${name} holds ${numbers.length} coefficients; 1 to ${most} finite ones are expected.`,
    );
  }
  return numbers;
}

function fromNpy(bytes: Uint8Array, name: string): unknown[] {
  try {
    const { data } = readNpy(bytes);
    return Array.from(data as ArrayLike<number>);
  } catch (cause) {
    if (!isFormatError(cause)) throw cause;
    throw new Failure("failed", "wrong-identity", `${name} is no .npy file of numbers.`, { cause });
  }
}

function fromJson(bytes: Uint8Array, name: string): unknown[] {
  try {
    return find(JSON.parse(Buffer.from(bytes).toString("utf8")));
  } catch (cause) {
    throw new Failure("failed", "wrong-identity", `${name} is neither JSON nor .npy.`, { cause });
  }
}

function find(document: unknown): unknown[] {
  if (Array.isArray(document)) return document;
  if (typeof document !== "object" || document === null) return [];
  const { shape, images, faces } = document as Record<string, unknown>;
  if (Array.isArray(shape)) return shape;
  for (const list of [images, faces]) {
    if (Array.isArray(list) && list.length > 0) return find(list[0]);
  }
  return [];
}

import { randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { access, copyFile, link, mkdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { Failure } from "./failure.ts";

/** A file to be written: where, and what. */
export interface OutputFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/**
 * Refuses targets that are themselves input: no option makes a photo its own result.
 *
 * @throws {Failure} usage
 */
export function protectInputs(targets: readonly string[], inputs: readonly string[]): void {
  const lost = targets.find((target) => inputs.includes(target));
  if (lost === undefined) return;
  throw new Failure(
    "usage",
    "target-is-input",
    `${basename(lost)} is one of the files given; it is not replaced. Choose another name.`,
  );
}

/**
 * Refuses targets that exist (unless `force`) or cannot be written, before any work is done.
 *
 * @throws {Failure} naming the first bad target and the remedy
 */
export async function checkTargets(paths: readonly string[], force: boolean): Promise<void> {
  for (const path of paths) {
    const existing = await stat(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return undefined;
      throw unwritable(path, error);
    });
    if (existing?.isDirectory()) {
      throw new Failure("failed", "target-is-folder", `${path} is a folder; give a file name.`);
    }
    if (existing && !force) {
      throw new Failure(
        "failed",
        "target-exists",
        `${path} exists already. Add --force to replace it, or choose another name with -o.`,
      );
    }
    await mkdir(dirname(path), { recursive: true })
      .then(() => access(dirname(path), constants.W_OK))
      .catch((error: NodeJS.ErrnoException) => {
        throw unwritable(path, error);
      });
  }
}

/**
 * Writes each file under a temporary name beside its target and then moves it there, so that a file
 * appears whole or not at all; without `force` the move refuses to replace.
 *
 * @throws {Failure} when a target exists or cannot be written
 */
export async function writeOutputs(files: readonly OutputFile[], force: boolean): Promise<void> {
  for (const { path, bytes } of files) {
    const temporary = join(dirname(path), `.${basename(path)}.${randomUUID()}.tmp`);
    try {
      await writeFile(temporary, bytes, { flag: "wx" });
      if (force) await rename(temporary, path);
      else await moveWithoutReplacing(temporary, path);
    } catch (error) {
      throw unwritable(path, error as NodeJS.ErrnoException);
    } finally {
      await rm(temporary, { force: true }).catch(() => {});
    }
  }
}

async function moveWithoutReplacing(from: string, to: string): Promise<void> {
  try {
    // rename() would replace what another process wrote meanwhile; link() will not.
    await link(from, to);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "EEXIST") throw error;
    await copyFile(from, to, constants.COPYFILE_EXCL);
  }
}

function unwritable(path: string, error: NodeJS.ErrnoException): Failure {
  const reasons: Record<string, string> = {
    EEXIST: "exists already. Add --force to replace it, or choose another name with -o.",
    EACCES: "may not be written by you. Choose another place with -o.",
    EPERM: "may not be written by you. Choose another place with -o.",
    EROFS: "is on a read-only disk. Choose another place with -o.",
    ENOSPC: "does not fit: the disk is full.",
    ENOTDIR: "cannot be written: a part of that path is a file, not a folder. Check the path.",
    ENOENT: "cannot be written: its folder does not exist and could not be made. Check the path.",
    ENAMETOOLONG: "has too long a name. Choose a shorter one with -o.",
  };
  const reason = reasons[error.code ?? ""] ?? `could not be written (${error.message}).`;
  const code = error.code === "EEXIST" ? "target-exists" : "unwritable-target";
  return new Failure("failed", code, `${path} ${reason}`, { cause: error });
}

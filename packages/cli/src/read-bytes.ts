import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { Failure } from "./failure.ts";

/**
 * Reads a whole file that was named on the command line.
 *
 * @throws {Failure} when it cannot be read
 */
export async function readBytes(file: string, cwd: string): Promise<Uint8Array> {
  return readFile(resolve(cwd, file)).catch((cause: Error) => {
    throw new Failure(
      "failed",
      "unreadable-file",
      `${file} could not be read (${cause.message}). Check the path.`,
      { cause },
    );
  });
}

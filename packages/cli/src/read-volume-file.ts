import { extname } from "node:path";
import { isFormatError } from "@headform/formats";
import { type NdArray, type ObjectArray, readNpy, toFloat32 } from "@headform/formats/numpy";
import type { VoxelGrid } from "@headform/volume";
import { Failure } from "./failure.ts";
import { readBytes } from "./read-bytes.ts";

/** Samples and how many of them lie along x, y, z. */
export type Volume = Pick<VoxelGrid, "data" | "dims">;

/**
 * Reads a volume, array order z, y, x: `.npy` of any real numbers, or `.raw` bytes with their sizes.
 *
 * @param dims sizes along x, y, z; a `.npy` has its own, which must then be the same
 * @throws {Failure} usage without sizes for a `.raw` or for another ending; when the file cannot be
 *   read, is no volume, or has another size
 */
export async function readVolumeFile(
  file: string,
  dims: VoxelGrid["dims"] | undefined,
  cwd: string,
): Promise<Volume> {
  const extension = extname(file).toLowerCase();
  if (extension === ".raw") {
    if (!dims) {
      throw new Failure(
        "usage",
        "missing-dims",
        `${file}: a .raw file does not say its size. Give --dims x,y,z, such as 192,192,200.`,
      );
    }
    return { data: checkLength(await readBytes(file, cwd), dims, file), dims };
  }
  if (extension !== ".npy") {
    throw new Failure(
      "usage",
      "unknown-format",
      `${file}: volumes are read from .npy, and from .raw with --dims.`,
    );
  }
  const array = decode(await readBytes(file, cwd), file);
  // Axes of one sample in front are a batch's or a channel's.
  const shape = array.shape.slice();
  while (shape.length > 3 && shape[0] === 1) shape.shift();
  const [depth, height, width] = shape as [number, number, number];
  if (shape.length !== 3 || depth * height * width === 0) {
    throw new Failure(
      "failed",
      "wrong-volume",
      `${file} has the shape [${array.shape.join(", ")}]; a volume has three axes z, y, x.`,
    );
  }
  if (dims && `${dims}` !== `${[width, height, depth]}`) {
    throw new Failure(
      "usage",
      "wrong-dims",
      `--dims ${dims}: ${file} has ${width},${height},${depth} samples along x,y,z. Drop --dims.`,
    );
  }
  const isByte = array.dtype === "uint8" || array.dtype === "bool";
  const data = isByte ? (array.data as Uint8Array) : toFloat32(array);
  return { data, dims: [width, height, depth] };
}

function decode(bytes: Uint8Array, file: string): NdArray {
  const wrong = (reason: string, cause?: unknown): Failure =>
    new Failure("failed", "wrong-volume", `${file} is no volume that can be read: ${reason}.`, {
      cause,
    });
  let array: NdArray | ObjectArray;
  try {
    array = readNpy(bytes);
  } catch (cause) {
    if (!isFormatError(cause)) throw cause;
    throw wrong(cause.message, cause);
  }
  if (array.kind !== "ndarray") throw wrong(`its elements are of dtype ${array.dtype}`);
  if (array.dtype.startsWith("complex")) throw wrong("its numbers are complex");
  return array;
}

function checkLength(bytes: Uint8Array, dims: VoxelGrid["dims"], file: string): Uint8Array {
  const expected = dims[0] * dims[1] * dims[2];
  if (bytes.length === expected) return bytes;
  throw new Failure(
    "failed",
    "wrong-dims",
    `${file} has ${bytes.length} bytes; --dims ${dims} needs ${expected}, one for each sample.`,
  );
}

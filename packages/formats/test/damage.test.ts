import { type FormatError, isFormatError } from "@headform/formats";
import { type Hdf5Group, readDataset, readHdf5 } from "@headform/formats/hdf5";
import { readMat } from "@headform/formats/matlab";
import { readNpy, readNpz } from "@headform/formats/numpy";
import { readPickle } from "@headform/formats/pickle";
import { readTorch } from "@headform/formats/torch";
import { readTorch7 } from "@headform/formats/torch7";
import { expect, test } from "vitest";
import { expectValueOrFormatError } from "./damage.ts";
import { fixture } from "./fixture.ts";

const READERS: readonly [string, (bytes: Uint8Array) => unknown, readonly string[]][] = [
  ["readNpy", readNpy, ["embedding.npy"]],
  ["readNpz", readNpz, ["arrays.npz", "arrays-compressed.npz", "arrays-zip64.npz"]],
  ["readPickle", readPickle, ["head-0.pkl", "head-2.pkl", "head-4.pkl"]],
  ["readTorch", readTorch, ["state.pt", "state-legacy.pt", "script.pt"]],
  ["readTorch7", readTorch7, ["net.t7"]],
  ["readMat", readMat, ["plain.mat", "compressed.mat", "big-endian.mat", "version-7.3.mat"]],
  ["readHdf5", readAll, ["old.h5", "new.h5", "paged.h5", "tree.h5"]],
];

/** A tree with all its elements, which come when they are asked for; the first error at the end. */
function readAll(bytes: Uint8Array): void {
  const groups: Hdf5Group[] = [readHdf5(bytes)];
  const errors: FormatError[] = [];
  for (const group of groups) {
    for (const child of group.children.values()) {
      if (child.kind === "group") groups.push(child);
      else {
        try {
          readDataset(child);
        } catch (error) {
          if (!isFormatError(error)) throw error;
          // What no file could make readable (compounds, other filters) is no damage.
          if (!/not read/.test(error.message)) errors.push(error);
        }
      }
    }
  }
  if (errors.length > 0) throw errors[0];
}

const cases = READERS.flatMap(([name, read, files]) =>
  files.map((file, i) => [name, file, read, 51 + i] as const),
);

test.each(cases)("%s of a damaged %s gives a value or a FormatError", (_, file, read, seed) => {
  expect(() => read(fixture(file))).not.toThrow();
  expectValueOrFormatError(read, fixture(file), seed);
});

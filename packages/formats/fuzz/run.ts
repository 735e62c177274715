import { readdirSync, readFileSync } from "node:fs";
import { type Hdf5Group, readDataset, readHdf5 } from "@headform/formats/hdf5";
import { readMat } from "@headform/formats/matlab";
import { readNpy, readNpz } from "@headform/formats/numpy";
import { readPickle } from "@headform/formats/pickle";
import { readSafetensors } from "@headform/formats/safetensors";
import { readTorch } from "@headform/formats/torch";
import { readTorch7 } from "@headform/formats/torch7";
import { createRandom } from "@headform/testing";
import { unzipSync, zipSync } from "fflate";
import { mutate } from "../test/mutate.ts";
import { randomPickle } from "../test/random-pickle.ts";
import type { Meter } from "./meter.ts";

type Read = (bytes: Uint8Array) => unknown;
type Make = (file: Uint8Array, random: () => number) => Uint8Array;

/** What is tried on each reader: which fixtures, and how one of them becomes a case. */
const SUBJECTS: readonly { name: string; read: Read; files: RegExp; make: Make }[] = [
  { name: "npy", read: readNpy, files: /\.npy$/, make: mutate },
  { name: "npz", read: readNpz, files: /\.npz$/, make: mutate },
  { name: "npz, checksums mended", read: readNpz, files: /^arrays\.npz$/, make: mutateInside },
  { name: "pickle", read: readPickle, files: /\.pkl$/, make: mutate },
  {
    name: "pickle, instructions",
    read: readPickle,
    files: /\.pkl$/,
    make: (_, r) => randomPickle(r),
  },
  { name: "torch", read: readTorch, files: /\.pt$/, make: mutate },
  {
    name: "torch, checksums mended",
    read: readTorch,
    files: /^s(tate|cript)\.pt$/,
    make: mutateInside,
  },
  { name: "torch7", read: readTorch7, files: /\.t7$/, make: mutate },
  { name: "safetensors", read: readSafetensors, files: /\.safetensors$/, make: mutate },
  { name: "matlab", read: readMat, files: /\.mat$/, make: mutate },
  { name: "hdf5", read: readWholeHdf5, files: /\.h5$/, make: mutate },
];

/** The tree and every dataset in it; what one dataset refuses does not spare the next. */
function readWholeHdf5(bytes: Uint8Array): void {
  let refused: unknown;
  const visit = (group: Hdf5Group): void => {
    for (const node of group.children.values()) {
      if (node.kind === "group") visit(node);
      else {
        try {
          readDataset(node);
        } catch (error) {
          refused = error;
          if ((error as { tag?: unknown }).tag !== "format") throw error;
        }
      }
    }
  };
  visit(readHdf5(bytes));
  if (refused) throw refused;
}

/** Damages one file of a zip and packs it anew, so that the damage passes the checksums. */
function mutateInside(zip: Uint8Array, random: () => number): Uint8Array {
  const files = Object.entries(unzipSync(zip));
  const victim = Math.floor(random() * files.length);
  const damaged = files.map(([name, bytes], i) => [
    name,
    i === victim ? mutate(bytes, random) : bytes,
  ]);
  return zipSync(Object.fromEntries(damaged) as Record<string, Uint8Array>, { level: 0 });
}

/**
 * Damages files `cases` times for each reader: each must give a value or a FormatError.
 *
 * Prints how many did, the slowest, and how much a case took of arrays at most, beyond the file itself.
 * @returns whether every case ended as it should, within a second
 */
export function runFuzz(
  cases: number,
  seed: number,
  names: readonly string[],
  meter: Meter,
): boolean {
  const folder = new URL("../../../test/fixtures/", import.meta.url);
  let sound = true;
  for (const { name, read, files, make } of SUBJECTS) {
    if (names.length > 0 && !names.some((asked) => name.startsWith(asked))) continue;
    const fixtures = readdirSync(folder)
      .filter((file) => files.test(file))
      .map((file) => Uint8Array.from(readFileSync(new URL(file, folder))));
    const random = createRandom(seed);
    let refused = 0;
    let crashed = 0;
    let slowest = 0;
    let total = 0;
    let largest = 0;
    for (let k = 0; k < cases; k++) {
      const bytes = make(fixtures[k % fixtures.length]!, random);
      meter.reset();
      const start = process.cpuUsage();
      try {
        read(bytes);
      } catch (error) {
        if ((error as { tag?: unknown }).tag === "format") refused++;
        else if (crashed++ === 0) console.error(`${name}, case ${k} of seed ${seed}:`, error);
      }
      const { user, system } = process.cpuUsage(start);
      total += user + system;
      slowest = Math.max(slowest, user + system);
      largest = Math.max(largest, meter.bytes() / Math.max(bytes.length, 65_536));
    }
    sound &&= crashed === 0 && slowest < 1e6;
    console.log(
      `${name.padEnd(24)} ${cases} cases of ${fixtures.length} files: ${refused} refused, ` +
        `${cases - refused - crashed} read, ${crashed} crashed; ` +
        `mean ${(total / cases / 1000).toFixed(2)} ms, slowest ${(slowest / 1000).toFixed(0)} ms of processor; ` +
        `arrays at most ${largest.toFixed(1)} × file (or 64 kB)`,
    );
  }
  console.log(`resident at most ${Math.round(process.resourceUsage().maxRSS / 1024)} MB`);
  return sound;
}

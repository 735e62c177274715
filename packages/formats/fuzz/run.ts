import { readdirSync, readFileSync } from "node:fs";
import { type Hdf5Dataset, type Hdf5Group, readDatasets, readHdf5 } from "@headform/formats/hdf5";
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
import { fuzzReader } from "./fuzz-reader.ts";
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

/** What the fixtures have to show that it is not read. */
const NOT_READ = ["compound", "lzf", "resizable"];

/** The tree and every dataset in it: all, or none where one is damaged. */
function readWholeHdf5(bytes: Uint8Array): void {
  const datasets = new Set<Hdf5Dataset>();
  const visit = (group: Hdf5Group): void => {
    for (const [name, node] of group.children) {
      if (node.kind === "group") visit(node);
      else if (!NOT_READ.includes(name)) datasets.add(node);
    }
  };
  visit(readHdf5(bytes));
  for (const _ of readDatasets([...datasets]));
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

/** Damages files `cases` times for each reader, or for those whose name starts as one asked for. */
export async function runFuzz(
  cases: number,
  seed: number,
  names: readonly string[],
  meter: Meter,
): Promise<boolean> {
  const folder = new URL("../../../packages/formats/test/fixtures/", import.meta.url);
  let sound = true;
  for (const { name, read, files, make } of SUBJECTS) {
    if (names.length > 0 && !names.some((asked) => name.startsWith(asked))) continue;
    const fixtures = readdirSync(folder)
      .filter((file) => files.test(file))
      .map((file) => Uint8Array.from(readFileSync(new URL(file, folder))));
    const random = createRandom(seed);
    const next = (k: number): Uint8Array => make(fixtures[k % fixtures.length]!, random);
    sound = (await fuzzReader({ name, read, next, tag: "format" }, cases, meter)) && sound;
  }
  return sound;
}

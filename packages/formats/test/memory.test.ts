import { unzipSync, zipSync, zlibSync } from "fflate";
import { beforeAll, expect, test } from "vitest";
import { installMeter, type Meter } from "../fuzz/meter.ts";
import { errorOf, fixture } from "./fixture.ts";

// Readers are loaded behind the meter, which counts the bytes of every new typed array.
let meter: Meter;
let numpy: typeof import("@headform/formats/numpy");
let torch: typeof import("@headform/formats/torch");
let matlab: typeof import("@headform/formats/matlab");
let hdf5: typeof import("@headform/formats/hdf5");
let safetensors: typeof import("@headform/formats/safetensors");
beforeAll(async () => {
  meter = installMeter();
  numpy = await import("@headform/formats/numpy");
  torch = await import("@headform/formats/torch");
  matlab = await import("@headform/formats/matlab");
  hdf5 = await import("@headform/formats/hdf5");
  safetensors = await import("@headform/formats/safetensors");
});

/** What reading takes in arrays, and what it says. */
function measure(read: () => unknown): { bytes: number; message: string } {
  meter.reset();
  const start = process.cpuUsage();
  const { message } = errorOf(read);
  const bytes = meter.bytes();
  const { user, system } = process.cpuUsage(start);
  // A second of processor is the promise.
  expect(user + system).toBeLessThan(1e6);
  return { bytes, message };
}

/** Twice the file, and what a reader keeps whatever the file: the beginning of an array's file. */
const allowed = (file: Uint8Array): number => 2 * file.length + 16_384;

/** `.npy` of zeros; `claim` is the number of them that the header says. */
function zerosNpy(count: number, claim = count): Uint8Array {
  const header = `{'descr': '<f8', 'fortran_order': False, 'shape': (${claim},), }`.padEnd(117);
  const start = Buffer.from(`\x93NUMPY\x01\x00\x76\x00${header}\n`, "latin1");
  return Buffer.concat([start, new Uint8Array(8 * count)]);
}

/** The last deflated file of a zip gets another bit. */
function damageLast(zip: Uint8Array): Uint8Array {
  const file = Uint8Array.from(zip);
  const view = new DataView(file.buffer);
  let last = 0;
  for (let at = 0; at + 4 <= file.length; at++) {
    if (view.getUint32(at, true) === 0x02014b50) last = view.getUint32(at + 42, true);
  }
  const start = last + 30 + view.getUint16(last + 26, true) + view.getUint16(last + 28, true);
  file[start + 40]! ^= 4;
  return file;
}

const names = Array.from({ length: 10 }, (_, k) => `a${k}.npy`);

test("npz: nine sound arrays are not unpacked for a damaged tenth", () => {
  const zip = zipSync(Object.fromEntries(names.map((name) => [name, zerosNpy(50_000)])));
  expect(numpy.readNpz(zip).size).toBe(10);
  const file = damageLast(zip);
  const { bytes, message } = measure(() => numpy.readNpz(file));
  expect(message).toMatch(/"a9.npy" does not (inflate|match)/);
  expect(bytes).toBeLessThan(allowed(file));
});

test("npz: nor where the tenth contradicts its shape under a sound checksum", () => {
  const file = zipSync(
    Object.fromEntries(names.map((name, k) => [name, zerosNpy(50_000, 50_000 + (k >> 3))])),
  );
  const { bytes, message } = measure(() => numpy.readNpz(file));
  expect(message).toMatch(/shape \[50001\] expected 400008 bytes/);
  expect(bytes).toBeLessThan(allowed(file));
});

test("npz: arrays that would be ten times eight megabytes are refused before one is proven", () => {
  const file = Uint8Array.from(
    zipSync(Object.fromEntries(names.map((name) => [name, zerosNpy(1000)]))),
  );
  const view = new DataView(file.buffer);
  for (let at = 0; at + 4 <= file.length; at++) {
    // Size in the central directory.
    if (view.getUint32(at, true) === 0x02014b50) view.setUint32(at + 24, 2 ** 23, true);
  }
  const { bytes, message } = measure(() => numpy.readNpz(file));
  // 64 MiB and sixteen times the file hold eight of them.
  expect(message).toMatch(/"a8.npy" of 8388608 bytes is over the limit of/);
  expect(bytes).toBeLessThan(allowed(file));
});

test("torch: parts of a zip that somebody deflated, the last one damaged", () => {
  const parts = unzipSync(fixture("state.pt"));
  const folder = Object.keys(parts)[0]!.split("/")[0];
  const zeros = Object.fromEntries(
    Array.from({ length: 10 }, (_, k) => [`${folder}/data/z${k}`, new Uint8Array(400_000)]),
  );
  const sound = zipSync({ ...parts, ...zeros }, { level: 9 });
  expect(torch.readTorch(sound)).toEqual(torch.readTorch(fixture("state.pt")));
  const file = damageLast(sound);
  const { bytes, message } = measure(() => torch.readTorch(file));
  expect(message).toMatch(/data\/z9" does not (inflate|match)/);
  expect(bytes).toBeLessThan(allowed(file));
  const limited = (): unknown => torch.readTorch(sound, { maxInflatedBytes: 1_000_000 });
  expect(errorOf(limited).message).toMatch(/over the limit/);
});

/** A version 5 file of these elements, which are compressed or not. */
function matOf(...elements: Uint8Array[]): Uint8Array {
  const header = new Uint8Array(128).fill(32, 0, 116);
  new DataView(header.buffer).setUint16(124, 0x0100, true);
  header.set([0x49, 0x4d], 126);
  return Uint8Array.from(Buffer.concat([header, ...elements]));
}

/** Tag and content. */
function element(type: number, content: Uint8Array): Uint8Array {
  const out = new Uint8Array(8 + content.length);
  const view = new DataView(out.buffer);
  view.setUint32(0, type, true);
  view.setUint32(4, content.length, true);
  out.set(content, 8);
  return out;
}

/** A matrix of class `kind`, [1×count], named by a letter. */
function matrix(kind: number, count: number, content: Uint8Array, letter = "a"): Uint8Array {
  const words = [6, 8, kind, 0, 5, 8, 1, count, 1 | (1 << 16), letter.charCodeAt(0)];
  const head = new Uint8Array(Uint32Array.from(words).buffer);
  return element(14, Buffer.concat([head, content]));
}

const zeros = new Uint8Array(400_000);

test("MATLAB: nine sound variables are not unpacked for a damaged tenth", () => {
  const packed = Array.from("abcdefghij", (letter) =>
    element(15, zlibSync(matrix(6, 50_000, element(9, zeros), letter))),
  );
  expect(matlab.readMat(matOf(...packed)).size).toBe(10);
  const file = matOf(...packed);
  file[file.length - 40]! ^= 4;
  const { bytes, message } = measure(() => matlab.readMat(file));
  expect(message).toMatch(/damaged|checksum/);
  expect(bytes).toBeLessThan(allowed(file));
});

test("MATLAB: doubles that are kept as bytes stay bytes", () => {
  const content = element(2, zeros);
  const sound = matrix(6, 400_000, content);
  const late = matrix(99, 1, new Uint8Array(0));
  const { bytes, message } = measure(() => matlab.readMat(matOf(sound, late)));
  expect(message).toMatch(/class 99/);
  expect(bytes).toBeLessThan(allowed(sound));
  const value = matlab.readMat(matOf(sound)).get("a");
  expect(value).toMatchObject({ className: "double", shape: [1, 400_000] });
  expect(value?.kind === "array" && value.data.BYTES_PER_ELEMENT).toBe(1);
});

test("MATLAB: values that take no bytes of the file are counted", () => {
  // A struct of no fields, as many times as the file has bytes; cells of nothing, eight bytes each.
  const noFields = Buffer.concat([
    new Uint8Array(Uint32Array.of(5 | (4 << 16), 1, 1, 0).buffer),
    element(2, new Uint8Array(2_000_000)),
  ]);
  expect(errorOf(() => matlab.readMat(matOf(matrix(2, 1_900_000, noFields)))).message).toMatch(
    /more than 250000 values/,
  );
  const cells = new Uint8Array(8 * 300_000);
  for (let at = 0; at < cells.length; at += 8) cells[at] = 14;
  expect(errorOf(() => matlab.readMat(matOf(matrix(1, 300_000, cells)))).message).toMatch(
    /more than 250000 values/,
  );
});

/** zeros.h5 with a bit at the start of its last chunk's stream changed. */
function damagedChunk(): Uint8Array {
  const file = Uint8Array.from(fixture("zeros.h5"));
  const text = Buffer.from(file.buffer);
  // Chunks are the only zlib streams of level 9.
  file[text.lastIndexOf(Buffer.from([0x78, 0xda])) + 2]! ^= 4;
  return file;
}

test("HDF5: sound chunks are not unpacked for a damaged one", () => {
  const root = hdf5.readHdf5(damagedChunk());
  const sets = ["first", "last"].map((path) => hdf5.findNode(root, path));
  const datasets = sets.filter((node) => node?.kind === "dataset");
  const file = fixture("zeros.h5");
  expect(datasets.length).toBe(2);
  const one = measure(() => hdf5.readDataset(datasets[1]!));
  expect(one.message).toMatch(/damaged|checksum/);
  expect(one.bytes).toBeLessThan(allowed(file));
  // Nor a sound dataset for a damaged other; each is unpacked in its turn.
  expect(hdf5.readDataset(datasets[0]!).length).toBe(65536);
  meter.reset();
  const [first] = hdf5.readDatasets([datasets[0]!]);
  expect(first!.length).toBe(65536);
  expect([...hdf5.readDatasets([])]).toEqual([]);
  const both = measure(() => hdf5.readDatasets(datasets));
  expect(both.bytes).toBeLessThan(allowed(file));
});

test("MATLAB 7.3: sound variables are not unpacked for a damaged one", () => {
  // HDF5 may begin at byte 512, where addresses count from.
  const file = new Uint8Array(512 + fixture("zeros.h5").length);
  file.set(matOf().subarray(0, 128));
  new DataView(file.buffer).setUint16(124, 0x0200, true);
  file.set(fixture("zeros.h5"), 512);
  expect([...matlab.readMat(file).keys()]).toEqual(["first", "last"]);
  file.set(damagedChunk(), 512);
  const { bytes, message } = measure(() => matlab.readMat(file));
  expect(message).toMatch(/damaged|checksum/);
  expect(bytes).toBeLessThan(allowed(file));
});

test("safetensors: a header of empty lists is not parsed", () => {
  // Thirteen megabytes that would be as many lists of forty bytes each.
  const header = Buffer.from(`{"a":[${"[],".repeat(4_200_000)}0]}`, "latin1");
  const file = Buffer.concat([
    new Uint8Array(BigUint64Array.of(BigInt(header.length)).buffer),
    header,
  ]);
  const { bytes, message } = measure(() => safetensors.readSafetensors(file));
  expect(message).toMatch(/more than 4000000 values/);
  expect(bytes).toBeLessThan(allowed(file));
});

test("HDF5: datasets that share their bytes do not multiply them", () => {
  const file = Uint8Array.from(fixture("zeros.h5"));
  const text = Buffer.from(file.buffer);
  // The layout message of "last" is made that of "first": version 3, class 2, rank 2, and the tree's address.
  const layouts: number[] = [];
  for (let at = text.indexOf(Buffer.from([3, 2, 2])); at >= 0; ) {
    layouts.push(at);
    at = text.indexOf(Buffer.from([3, 2, 2]), at + 1);
  }
  expect(layouts.length).toBe(2);
  file.copyWithin(layouts[1]! + 3, layouts[0]! + 3, layouts[0]! + 11);
  const root = hdf5.readHdf5(file);
  const datasets = ["first", "last"]
    .map((path) => hdf5.findNode(root, path))
    .filter((node) => node?.kind === "dataset");
  expect(hdf5.readDataset(datasets[1]!).length).toBe(65536);
  // Together no more is read than the file has, however often its parts are named.
  const again = Array.from({ length: 40 }, () => ({ ...datasets[0]! }));
  expect(errorOf(() => hdf5.readDatasets(again)).message).toMatch(/overlap/);
});

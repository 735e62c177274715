import { mkdtemp, readdir, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type NdArray, readNpy, writeNpy } from "@headform/formats/numpy";
import { boundsOf, type Mesh } from "@headform/mesh";
import { readGlb, readObj, readPly, readStl, writePly } from "@headform/mesh/io";
import { beforeAll, describe, expect, it } from "vitest";
import { runIn } from "./run-in.ts";

let folder: string;
/** A ball of radius 5 about (7, 8, 9) in 16 × 17 × 20 samples: distance to its surface. */
const dims = [16, 17, 20] as const;
const ball = Float32Array.from({ length: 16 * 17 * 20 }, (_, i) => {
  const [x, y, z] = [i % 16, Math.floor(i / 16) % 17, Math.floor(i / (16 * 17))];
  return 5 - Math.hypot(x - 7, y - 8, z - 9);
});

const npy = (dtype: NdArray["dtype"], data: NdArray["data"], shape = [20, 17, 16]): Uint8Array =>
  writeNpy({ kind: "ndarray", dtype, shape, data });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "headform-volume-"));
  const bytes = Uint8Array.from(ball, (value) => (value > 0 ? 1 : 0));
  const files: Record<string, Uint8Array> = {
    "f32.npy": npy("float32", ball),
    "f64.npy": npy("float64", Float64Array.from(ball)),
    "i16.npy": npy(
      "int16",
      Int16Array.from(ball, (value) => Math.round(100 * value)),
    ),
    "bool.npy": npy("bool", bytes),
    "u8.npy": npy("uint8", bytes, [1, 20, 17, 16]),
    "bytes.raw": bytes,
    "nan.npy": npy("float32", ball.slice().fill(Number.NaN, 40, 41)),
    "flat.npy": npy("float32", ball, [20, 17 * 16]),
    "complex.npy": npy("complex64", new Float32Array(16), [2, 2, 2]),
    "text.npy": new TextEncoder().encode("no volume"),
    "ones.npy": npy("uint8", new Uint8Array(64).fill(1), [4, 4, 4]),
    "other.txt": new Uint8Array(8),
    "empty.ply": writePly({
      positions: new Float32Array(9),
      indices: new Uint32Array(0),
      unit: "none",
    }),
  };
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
});

const volume = (...argv: string[]) => runIn(folder, ["volume", ...argv]);

const bytesOf = (name: string): Promise<Uint8Array> => readFile(join(folder, name));

function volumeOf({ positions, indices }: Mesh): number {
  let sum = 0;
  for (let t = 0; t < indices.length; t += 3) {
    const [a, b, c] = [0, 1, 2].map((i) => [
      ...positions.subarray(3 * indices[t + i]!, 3 * indices[t + i]! + 3),
    ]) as [number[], number[], number[]];
    sum += a[0]! * (b[1]! * c[2]! - b[2]! * c[1]!);
    sum += a[1]! * (b[2]! * c[0]! - b[0]! * c[2]!);
    sum += a[2]! * (b[0]! * c[1]! - b[1]! * c[0]!);
  }
  return sum / 6;
}

describe("headform volume isosurface", () => {
  it("reads z, y, x and writes x, y, z: the middle and the size of the ball", async () => {
    const result = await volume("isosurface", "f32.npy", "--iso", "0", "-o", "ball.ply");
    expect(result).toMatchObject({ code: 0, out: "ball.ply\n" });
    expect(result.err).toMatch(/^f32\.npy: \d+ vertices, \d+ triangles\n$/);
    const mesh = readPly(await bytesOf("ball.ply"));
    const { min, max } = boundsOf(mesh);
    // Samples on the axes are exact, the distance being linear along them.
    [...min, ...max].forEach((value, i) => {
      expect(value).toBeCloseTo([2, 3, 4, 12, 13, 14][i]!, 5);
    });
    // Linear interpolation is inside of the ball by 3 h²/(8 r²) of its volume at the most, twice.
    expect(volumeOf(mesh) / ((4 / 3) * Math.PI * 125)).toBeGreaterThan(1 - 0.03);
    expect(volumeOf(mesh) / ((4 / 3) * Math.PI * 125)).toBeLessThan(1);
  });

  it("any real dtype gives the same surface, up to its rounding", async () => {
    await volume("isosurface", "f32.npy", "--iso", "0", "-o", "a.ply");
    await volume("isosurface", "f64.npy", "--iso", "0", "-o", "b.ply");
    expect(await bytesOf("a.ply")).toEqual(await bytesOf("b.ply"));
    const [a, c] = await Promise.all([bytesOf("a.ply"), "c.ply"]);
    await volume("isosurface", "i16.npy", "--iso", "0", "-o", c);
    // Samples rounded to a hundredth move the surface by half of that.
    expect(volumeOf(readPly(await bytesOf(c))) / volumeOf(readPly(a))).toBeCloseTo(1, 2);
  });

  it("bytes: .raw with --dims, bool, uint8 with an axis of 1", async () => {
    await volume("isosurface", "bytes.raw", "--dims", dims.join(), "-o", "raw.stl");
    await volume("isosurface", "bool.npy", "-o", "bool.stl");
    await volume("isosurface", "u8.npy", "--dims", dims.join(), "-o", "u8.stl");
    expect(await bytesOf("raw.stl")).toEqual(await bytesOf("bool.stl"));
    expect(await bytesOf("raw.stl")).toEqual(await bytesOf("u8.stl"));
    expect(readStl(await bytesOf("raw.stl")).indices.length).toBeGreaterThan(300);
  });

  it("OBJ and GLB, spacing, turned upright", async () => {
    const asked = ["--iso", "0", "--spacing", "2,1,0.5", "--y-down"];
    expect((await volume("isosurface", "f32.npy", ...asked, "-o", "s.obj")).code).toBe(0);
    expect((await volume("isosurface", "f32.npy", ...asked, "-o", "s.glb")).code).toBe(0);
    for (const mesh of [readObj(await bytesOf("s.obj")), await readGlb(await bytesOf("s.glb"))]) {
      const { min, max } = boundsOf(mesh);
      [...min, ...max].forEach((value, i) => {
        expect(value).toBeCloseTo([4, 3, 2, 24, 13, 7][i]!, 4);
      });
      // Still counter-clockwise from outside.
      expect(volumeOf(mesh)).toBeGreaterThan(0);
    }
  });

  it("--closed, --largest, --smooth and --decimate", async () => {
    const at = ["--iso", "-20", "-o"];
    expect((await volume("isosurface", "f32.npy", ...at, "none.ply")).code).toBe(1);
    expect((await volume("isosurface", "f32.npy", "--closed", ...at, "box.ply")).code).toBe(0);
    expect((await volume("isosurface", "ones.npy", "--closed", "-o", "cube.ply")).code).toBe(0);
    // A cube of 4 with its edges cut.
    const cube = volumeOf(readPly(await bytesOf("cube.ply")));
    expect(cube).toBeGreaterThan(0.9 * 64);
    expect(cube).toBeLessThan(64);

    const two = ball.slice();
    two[0] = 5;
    await writeFile(join(folder, "two.npy"), npy("float32", two));
    await volume("isosurface", "two.npy", "--iso", "0", "-o", "two.ply");
    await volume("isosurface", "two.npy", "--iso", "0", "--largest", "-o", "one.ply");
    const [all, one, whole] = await Promise.all(["two.ply", "one.ply", "a.ply"].map(bytesOf));
    expect(readPly(one!)).toEqual(readPly(whole!));
    expect(readPly(all!).indices.length).toBeGreaterThan(readPly(one!).indices.length);

    await volume("isosurface", "bool.npy", "--smooth", "1", "--decimate", "0.25", "-o", "d.ply");
    await volume("isosurface", "bool.npy", "--smooth", "1", "-o", "e.ply");
    const [few, many] = await Promise.all(["d.ply", "e.ply"].map(bytesOf));
    const ratio = readPly(few!).indices.length / readPly(many!).indices.length;
    expect(ratio).toBeCloseTo(0.25, 1);
  });
});

describe("headform volume voxelize", () => {
  it("fills the mesh, y down and z towards the viewer; and back", async () => {
    // A wedge: wide below and in front.
    const positions = Float32Array.of(-1, 0, 0, 1, 0, 0, 0, 0, 1, 0, 2, 0);
    const indices = Uint32Array.of(0, 1, 2, 0, 2, 3, 2, 1, 3, 1, 0, 3);
    await writeFile(join(folder, "w.ply"), writePly({ positions, indices, unit: "m" }));
    const result = await volume("voxelize", "w.ply", "--dims", "48,64,80", "-o", "w.npy");
    expect(result).toMatchObject({ code: 0, out: "w.npy\n" });
    const { shape, dtype, data } = readNpy(await bytesOf("w.npy")) as NdArray;
    expect([shape, dtype]).toEqual([[80, 64, 48], "uint8"]);
    // 44 − 1 voxels wide is the tightest side: 21.5 to the unit; voxels are half as deep.
    const inside = (data as Uint8Array).reduce((sum, value) => sum + value, 0);
    const expected = (2 / 3) * 21.5 ** 3 * 2;
    // A voxel's half all around the surface of some 4 · 21.5² is a few per cent.
    expect(inside / expected).toBeCloseTo(1, 1);
    const count = (z: number, y: number): number =>
      (data as Uint8Array)
        .subarray((z * 64 + y) * 48, (z * 64 + y + 1) * 48)
        .reduce((a, b) => a + b, 0);
    const back = 20;
    expect(count(back, 50)).toBeGreaterThan(count(back, 20));
    expect(count(back, 50)).toBeGreaterThan(count(50, 50));

    const round = ["--spacing", "1,1,0.5", "--y-down", "-o", "back.ply"];
    expect((await volume("isosurface", "w.npy", ...round)).code).toBe(0);
    const { min, max } = boundsOf(readPly(await bytesOf("back.ply")));
    const sides = [0, 1, 2].map((axis) => (max[axis]! - min[axis]!) / 21.5);
    // Half a voxel on either side, and tips thinner than one.
    sides.forEach((side, axis) => {
      expect(Math.abs(side - [2, 2, 1][axis]!)).toBeLessThan(4 / 21.5);
    });
  });
});

it.each([
  [["isosurface", "none.npy"], 1, /none\.npy could not be read/],
  [["isosurface", "text.npy"], 1, /text\.npy is no volume that can be read/],
  [["isosurface", "complex.npy"], 1, /its numbers are complex/],
  [["isosurface", "flat.npy"], 1, /shape \[20, 272\]; a volume has three axes/],
  [["isosurface", "nan.npy"], 1, /nan\.npy has NaN at element 40/],
  [["isosurface", "other.txt"], 2, /volumes are read from \.npy/],
  [["isosurface", "bytes.raw"], 2, /Give --dims x,y,z/],
  [
    ["isosurface", "bytes.raw", "--dims", "16,17,21"],
    1,
    /has 5440 bytes; --dims 16,17,21 needs 5712/,
  ],
  [["isosurface", "bytes.raw", "--dims", "16,17"], 2, /--dims expects three whole numbers/],
  [["isosurface", "bytes.raw", "--dims", "4096,4096,4096"], 2, /are the most/],
  [["isosurface", "f32.npy", "--dims", "20,17,16"], 2, /has 16,17,20 samples along x,y,z/],
  [["isosurface", "f32.npy", "--iso", "6"], 1, /no surface at 6\. Choose --iso between/],
  [["isosurface", "ones.npy"], 1, /values from 1 to 1: no surface at 0\.5/],
  [["isosurface", "f32.npy", "--iso", "x"], 2, /--iso expects a number; got "x"/],
  [["isosurface", "f32.npy", "--spacing", "1,0,1"], 2, /--spacing expects three numbers above 0/],
  [["isosurface", "f32.npy", "--smooth", "-1"], 2, /--smooth expects a number from 0 to 100/],
  [["isosurface", "f32.npy", "--decimate", "0"], 2, /--decimate must be above 0/],
  [["isosurface", "bool.npy", "--smooth", "50"], 1, /no surface at 0\.5\. Blur less/],
  [["voxelize", "empty.ply"], 1, /has no triangles/],
  [["voxelize", "other.txt"], 2, /meshes are read from \.ply, \.obj, \.glb, \.stl/],
  [["voxelize", "empty.ply", "--dims", "4,64,64"], 2, /each size must be above 4/],
])("says what is wrong: %j", async (argv, exit, message) => {
  const before = await readdir(folder);
  const output = argv[0] === "voxelize" ? "out.npy" : "out.ply";
  const { code, out, err } = await volume(...argv, "-o", output);
  expect([code, out]).toEqual([exit, ""]);
  expect(err).toMatch(message);
  expect(await readdir(folder)).toEqual(before);
});

it("endings, and files that exist, are refused before any work", async () => {
  expect((await volume("isosurface", "f32.npy", "-o", "a.fbx")).err).toMatch(/written as \.glb/);
  expect((await volume("voxelize", "empty.ply", "-o", "a.raw")).err).toMatch(/written as \.npy/);
  expect((await volume("isosurface", "none.npy", "-o", "f32.npy")).code).toBe(2);
  expect((await volume("voxelize", "w.ply", "-o", "f32.npy")).err).toMatch(/exists already/);
});

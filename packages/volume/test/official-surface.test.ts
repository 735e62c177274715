import { boundsOf } from "@headform/mesh";
import { isosurface, officialSurface, type VoxelGrid } from "@headform/volume";
import { describe, expect, test } from "vitest";
import { measure, topologyOf } from "./surfaces.ts";

/** A soft ball of radius 8 about (13.5, 13.5, 13.5): a probability for its samples, half as deep as wide. */
const grid: VoxelGrid<Float32Array> = {
  data: Float32Array.from({ length: 28 ** 3 }, (_, i) => {
    const [x, y, z] = [i % 28, Math.floor(i / 28) % 28, Math.floor(i / 784)];
    return 1 / (1 + Math.exp(Math.hypot(x - 13.5, y - 13.5, z - 13.5) - 8));
  }),
  dims: [28, 28, 28],
  spacing: [1, 1, 0.5],
  origin: [0, 0, 0],
};
const bytes = { ...grid, data: Uint8Array.from(grid.data, (p) => 255 * p) };
/** Radius at which the ball has a probability. */
const radiusAt = (p: number): number => 8 - Math.log(p / (1 - p));

describe("raw2obj", () => {
  const mesh = officialSurface(grid, "raw2obj");
  test("is the surface at 10, and one of the cavity where signed bytes turn negative", () => {
    expect(topologyOf(mesh)).toEqual({ euler: 4, borders: 0, badEdges: 0, badVertices: 0 });
    const outer = isosurface(bytes, { isovalue: 10 });
    // The cavity begins between the samples below 128 and those above, at about radius 8.
    const cavity = measure(outer).volume - measure(mesh).volume;
    expect(cavity / ((4 / 3) * Math.PI * 8 ** 3 * 0.5)).toBeCloseTo(1, 0);
    expect(boundsOf(mesh)).toEqual(boundsOf(outer));
    // 10/255 at radius 11.2, half as deep; whole bytes, and lines between them, move it by a tenth.
    expect(Math.abs(boundsOf(mesh).max[0]! - 13.5 - radiusAt(10 / 255))).toBeLessThan(0.15);
    expect(Math.abs(boundsOf(mesh).max[2]! - 6.75 - radiusAt(10 / 255) / 2)).toBeLessThan(0.15);
  });
});

describe("docker", () => {
  const mesh = officialSurface(grid, "docker");
  test("takes in every byte above 0, in whole numbers of voxels", () => {
    for (let i = 0; i < mesh.positions.length; i++) {
      const value = mesh.positions[i]! / grid.spacing[i % 3]!;
      expect(value).toBe(Math.round(value));
    }
    // Byte 1 begins at 1/255: radius 13.5 reaches beyond the grid, which stays open.
    expect(boundsOf(mesh).max[0]).toBe(27);
    expect(measure(mesh).volume).toBeGreaterThan(measure(officialSurface(grid, "raw2obj")).volume);
    for (let t = 0; t < mesh.indices.length; t += 3) {
      expect(new Set(mesh.indices.subarray(t, t + 3)).size).toBe(3);
    }
  });
});

describe("matlab", () => {
  test("cuts a volume of two levels and a slope between them at the slope's middle", () => {
    // As many samples of every byte, and nine times as many of 0: the middle bar of the others.
    const data = Uint8Array.from({ length: 2560 }, (_, i) => (i < 2304 ? 0 : i - 2304));
    const levels: VoxelGrid = { ...bytes, data, dims: [256, 10, 1] };
    // A grid of one slice has no cells, but in two the surface begins where the ramp of 256 crosses the level.
    const two: VoxelGrid = {
      ...levels,
      data: Uint8Array.from([...data, ...data]),
      dims: [256, 10, 2],
    };
    const { min } = boundsOf(officialSurface(two, "matlab"));
    expect(min[0]).toBeGreaterThan(115);
    expect(min[0]).toBeLessThan(140);
  });

  test("lies between the others' surfaces on a soft ball", () => {
    const [wide, own] = (["raw2obj", "matlab"] as const).map((name) =>
      boundsOf(officialSurface(grid, name)),
    );
    expect(own!.max[0]).toBeLessThan(wide!.max[0]!);
    expect(own!.max[0]! - 13.5).toBeGreaterThan(radiusAt(0.9));
  });
});

test("probabilities and their bytes give the same", () => {
  for (const name of ["raw2obj", "docker", "matlab"] as const) {
    expect(officialSurface(grid, name)).toEqual(officialSurface(bytes, name));
  }
  const constant = { ...bytes, data: new Uint8Array(28 ** 3) };
  expect(officialSurface(constant, "matlab").indices.length).toBe(0);
});

test("errors", () => {
  const data = grid.data.slice().fill(1.5, 7, 8);
  expect(() => officialSurface({ ...grid, data }, "docker")).toThrow("got 1.5 at index 7");
  expect(() => officialSurface(grid, "other" as "docker")).toThrow(RangeError);
  expect(() => officialSurface({ ...grid, dims: [28, 28, 27] }, "docker")).toThrow(RangeError);
  const doubles = Float64Array.from(grid.data) as unknown as Float32Array;
  expect(() => officialSurface({ ...grid, data: doubles }, "docker")).toThrow(TypeError);
});

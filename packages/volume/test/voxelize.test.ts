import { closestPoints, createTriangleIndex, type Mesh, mergeMeshes } from "@headform/mesh";
import { isosurface, type VoxelGrid, voxelize } from "@headform/volume";
import { describe, expect, test } from "vitest";
import { measure, sample, topologyOf } from "./surfaces.ts";

function ball(radius: number, at = 0, side = 24): Mesh {
  return isosurface(
    sample(side, (x, y, z) => radius - Math.hypot(x - at, y, z)),
    { isovalue: 0 },
  );
}

function placement(side: number): Omit<VoxelGrid, "data"> {
  const step = 2 / side;
  const first = -1 + step / 2;
  return {
    dims: [side, side, side],
    spacing: [step, step, step],
    origin: [first, first, first],
  };
}

function volumeOf({ data, spacing }: VoxelGrid<Uint8Array>): number {
  const count = data.reduce((sum, value) => sum + value, 0);
  return count * spacing[0] * spacing[1] * spacing[2];
}

function box([x, y, z]: readonly [number, number, number]): Mesh {
  const positions = Float32Array.from({ length: 24 }, (_, i) => {
    const sign = (Math.floor(i / 3) >> (i % 3)) & 1 ? 1 : -1;
    return sign * [x, y, z][i % 3]!;
  });
  const quads = [
    [0, 4, 6, 2],
    [1, 3, 7, 5],
    [0, 1, 5, 4],
    [2, 6, 7, 3],
    [0, 2, 3, 1],
    [4, 5, 7, 6],
  ];
  const indices = quads.flatMap(([a, b, c, d]) => [a!, b!, c!, a!, c!, d!]);
  return { positions, indices: Uint32Array.from(indices), unit: "none" };
}

describe("solid occupancy", () => {
  test("a box whose sides pass between voxels is filled exactly", () => {
    const grid = voxelize(box([0.5, 0.25, 0.75]), placement(16));
    expect(volumeOf(grid)).toBe(8 * 0.5 * 0.25 * 0.75);
  });

  test("a box whose sides pass through voxels' middles takes one of two", () => {
    const grid = voxelize(box([0.5, 0.5, 0.5]), { ...placement(16), origin: [-1, -1, -1] });
    expect(volumeOf(grid)).toBe(1);
  });

  test.each([[33], [64]])(
    "the surface of a filled ball, %i voxels, is within half a voxel",
    (side) => {
      const mesh = ball(0.8);
      const grid = voxelize(mesh, placement(side));
      const surface = isosurface(grid);
      expect(topologyOf(surface)).toEqual({ euler: 2, borders: 0, badEdges: 0, badVertices: 0 });
      const { squaredDistances } = closestPoints(createTriangleIndex(mesh), surface.positions);
      // Each vertex is in the middle of a step that the mesh crosses; 1/4096 of a voxel is snapping.
      const half = grid.spacing[0] * (0.5 + 1 / 4096);
      for (const squared of squaredDistances) expect(squared).toBeLessThanOrEqual(half * half);
      // Whole voxels instead of a smooth rim: a few parts in a thousand at 33.
      expect(Math.abs(volumeOf(grid) / measure(mesh).volume - 1)).toBeLessThan(0.01);
    },
  );

  test("parts that overlap are one, also one within the other", () => {
    const merged = mergeMeshes([ball(0.4, -0.2), ball(0.4, 0.2), ball(0.2, 0.2)]);
    const grid = voxelize(merged, placement(32));
    const apart = [ball(0.4, -0.2), ball(0.4, 0.2)].map((mesh) => voxelize(mesh, placement(32)));
    const union = grid.data.map((_, i) => Math.max(apart[0]!.data[i]!, apart[1]!.data[i]!));
    expect(grid.data).toEqual(union);
  });

  test("holes do not leak", () => {
    const whole = ball(0.7);
    const solid = voxelize(whole, placement(48));
    // Without every fiftieth triangle, and without all of the bottom as a head ends at its neck.
    const kept: number[] = [];
    for (let t = 0; t < whole.indices.length; t += 3) {
      const corners = [...whole.indices.subarray(t, t + 3)];
      const isBottom = corners.every((vertex) => whole.positions[3 * vertex + 1]! < -0.6);
      if (t % 150 !== 0 && !isBottom) kept.push(...corners);
    }
    const holed = voxelize({ ...whole, indices: Uint32Array.from(kept) }, placement(48));
    const different = solid.data.reduce(
      (sum, value, i) => sum + Number(value !== holed.data[i]),
      0,
    );
    // Few voxels see two holes along two axes.
    expect(different).toBeLessThan(0.01 * solid.data.length * 0.18);
    expect(different).toBeGreaterThan(0);
  });

  test("inside out is filled as well; nothing and what is beyond the grid give what is there", () => {
    const mesh = ball(0.7);
    const turned = { ...mesh, indices: mesh.indices.slice().reverse() };
    expect(voxelize(turned, placement(16)).data).toEqual(voxelize(mesh, placement(16)).data);
    const none = { ...mesh, indices: new Uint32Array(0) };
    expect(volumeOf(voxelize(none, placement(4)))).toBe(0);
    const around = voxelize(box([2, 2, 2]), placement(8));
    expect(volumeOf(around)).toBe(8);
  });
});

test("errors", () => {
  const mesh = ball(0.5, 0, 8);
  const where = placement(8);
  expect(() => voxelize(mesh, { ...where, dims: [8, 8, 1.5] })).toThrow("voxelize: expected dims");
  expect(() => voxelize(mesh, { ...where, spacing: [1, 1, -1] })).toThrow("spacing above 0");
  expect(() => voxelize(mesh, { ...where, spacing: [1e-6, 1, 1] })).toThrow("within 8192 voxels");
  expect(() => voxelize({ ...mesh, indices: new Uint32Array(2) }, where)).toThrow(RangeError);
  const indices = [0, 1, 2] as unknown as Uint32Array;
  expect(() => voxelize({ ...mesh, indices }, where)).toThrow(TypeError);
});

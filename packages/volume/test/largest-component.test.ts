import { isosurface, largestComponent, type VoxelGrid } from "@headform/volume";
import { expect, test } from "vitest";
import { sample, topologyOf } from "./surfaces.ts";

const two = sample(32, (x, y, z) =>
  Math.max(0.5 - Math.hypot(x + 0.3, y, z), 0.15 - Math.hypot(x - 0.6, y, z)),
);

test("of two balls the larger stays, its surface unchanged", () => {
  const one = isosurface(largestComponent(two, 0), { isovalue: 0, normals: false });
  expect(topologyOf(isosurface(two, { isovalue: 0 })).euler).toBe(4);
  expect(topologyOf(one).euler).toBe(2);
  const larger = sample(32, (x, y, z) => 0.5 - Math.hypot(x + 0.3, y, z));
  expect(one).toEqual(isosurface(larger, { isovalue: 0, normals: false }));
});

test("samples that touch at an edge only are two parts; nothing inside stays nothing", () => {
  const grid: VoxelGrid<Uint8Array> = {
    data: Uint8Array.of(1, 0, 0, 1, 1, 0, 0, 0),
    dims: [2, 2, 2],
    spacing: [1, 1, 1],
    origin: [0, 0, 0],
  };
  expect([...largestComponent(grid).data]).toEqual([1, 0, 0, 0, 1, 0, 0, 0]);
  const none = { ...grid, data: new Uint8Array(8) };
  expect(largestComponent(none).data).toEqual(none.data);
});

test("errors", () => {
  expect(() => largestComponent(two, Number.NaN)).toThrow("largestComponent: expected a finite");
  expect(() => largestComponent({ ...two, dims: [1, 1, 1] })).toThrow(RangeError);
  const data = [] as unknown as Float32Array;
  expect(() => largestComponent({ ...two, data })).toThrow(TypeError);
});

import type { Mesh } from "@headform/mesh";
import { decimate, isosurface, largestComponent, smoothVolume, voxelize } from "@headform/volume";
import { expect, test } from "vitest";

test("the README's example prints what it says", async () => {
  const mesh: Mesh = {
    positions: new Float32Array([1, 0, 0, -1, 0, 0, 0, 1, 0, 0, -1, 0, 0, 0, 1, 0, 0, -1]),
    indices: new Uint32Array([
      0, 2, 4, 2, 1, 4, 1, 3, 4, 3, 0, 4, 2, 0, 5, 1, 2, 5, 3, 1, 5, 0, 3, 5,
    ]),
    unit: "none",
  };
  const grid = voxelize(mesh, {
    dims: [32, 32, 32],
    spacing: [0.08, 0.08, 0.08],
    origin: [-1.24, -1.24, -1.24],
  });
  const soft = smoothVolume(largestComponent(grid), 1);
  const surface = isosurface(soft, { isovalue: 0.5 });
  const small = await decimate(surface, 0.25);

  expect(grid.data.reduce((sum, value) => sum + value, 0)).toBe(2600);
  expect([surface.indices.length / 3, small.indices.length / 3]).toEqual([3260, 814]);
});

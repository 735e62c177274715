import { createRandom } from "@headform/core-math";
import { decimate, isosurface, smoothVolume } from "@headform/volume";
import { expect, test } from "vitest";
import { measure, sample, topologyOf } from "./surfaces.ts";

const mesh = isosurface(
  sample(40, (x, y, z) => 0.7 - Math.hypot(x, y, z)),
  { isovalue: 0, unit: "mm" },
);

test("a ball with a tenth of the triangles is closed and as large", async () => {
  const colors = new Uint8Array(mesh.positions.length).map((_, i) => i);
  const small = await decimate({ ...mesh, colors }, 0.1);
  expect(small.indices.length / mesh.indices.length).toBeCloseTo(0.1, 2);
  expect(topologyOf(small)).toEqual({ euler: 2, borders: 0, badEdges: 0, badVertices: 0 });
  // The surface may move by 1 % of the extent; quadrics keep the volume far closer.
  expect(measure(small).volume / measure(mesh).volume).toBeCloseTo(1, 1);
  expect(small.unit).toBe("mm");
  expect([small.normals!.length, small.colors!.length]).toEqual(
    Array(2).fill(small.positions.length),
  );
});

test.each([0.5, 0.1, 0.02])(
  "strictly manifold, where thin walls and noise fold: ratio %f",
  async (ratio) => {
    const random = createRandom(9);
    const noise = {
      data: Float32Array.from({ length: 20 ** 3 }, () => random.uniform()),
      dims: [20, 20, 20] as const,
      spacing: [1, 1, 1] as const,
      origin: [0, 0, 0] as const,
    };
    const shell = sample(40, (x, y, z) => 0.02 - Math.abs(Math.hypot(x, y, z) - 0.6));
    const rough = smoothVolume(noise, 0.6);
    for (const many of [
      isosurface(rough, { closed: true }),
      isosurface(noise, { closed: true }),
      isosurface(shell, { isovalue: 0 }),
    ]) {
      const few = await decimate(many, ratio, { maxError: 1 });
      expect(topologyOf(few)).toMatchObject({ borders: 0, badEdges: 0, badVertices: 0 });
      expect(few.indices.length).toBeLessThan(many.indices.length);
    }
  },
);

test("ratio 1 keeps every triangle, no error allowed nearly so, no triangles are no trouble", async () => {
  expect((await decimate(mesh, 1)).indices.length).toBe(mesh.indices.length);
  const exact = await decimate(mesh, 0.1, { maxError: 0 });
  expect(exact.indices.length).toBeGreaterThan(0.9 * mesh.indices.length);
  const none = await decimate({ ...mesh, indices: new Uint32Array(0) }, 0.5);
  expect(none.positions.length).toBe(0);
});

test("errors", async () => {
  await expect(decimate(mesh, 0)).rejects.toThrow("decimate: expected 0 < ratio");
  await expect(decimate(mesh, 0.5, { maxError: -1 })).rejects.toThrow("decimate: expected 0 ≤ max");
  await expect(decimate({ ...mesh, normals: new Float32Array(1) }, 1)).rejects.toThrow(RangeError);
  const positions = [] as unknown as Float32Array;
  await expect(decimate({ ...mesh, positions }, 1)).rejects.toThrow(TypeError);
});

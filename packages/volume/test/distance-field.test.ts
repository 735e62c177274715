import { boundsOf } from "@headform/mesh";
import { distanceField, isosurface, type VoxelGrid } from "@headform/volume";
import { expect, test } from "vitest";
import { measure, sample, topologyOf } from "./surfaces.ts";

const ball = isosurface(
  sample(60, (x, y, z) => 0.7 - Math.hypot(x, y, z)),
  { isovalue: 0 },
);
const placement: Omit<VoxelGrid, "data"> = {
  dims: [40, 30, 20],
  spacing: [0.05, 0.07, 0.1],
  origin: [-0.975, -1.015, -0.95],
};

test("of a ball: the radius less the distance from its middle, as far as the band", () => {
  const { data, dims } = distanceField(ball, placement, { band: 0.3 });
  expect(data.length).toBe(dims[0] * dims[1] * dims[2]);
  let exact = 0;
  for (let i = 0; i < data.length; i++) {
    const [x, y, z] = [i % 40, Math.floor(i / 40) % 30, Math.floor(i / 1200)];
    const [ox, oy, oz] = placement.origin;
    const [sx, sy, sz] = placement.spacing;
    const truth = 0.7 - Math.hypot(ox + sx * x, oy + sy * y, oz + sz * z);
    const clamped = Math.max(-0.3, Math.min(0.3, truth));
    // The ball's facets lie inside of it by up to 3h²/(8r) = 6.2e-4 for steps h of 2/59.
    expect(Math.abs(data[i]! - clamped)).toBeLessThan(6.2e-4);
    if (Math.abs(truth) < 0.29) exact++;
  }
  expect(exact).toBeGreaterThan(5000);
});

test("its isosurface is the mesh again", () => {
  const again = isosurface(distanceField(ball, placement), { isovalue: 0 });
  expect(topologyOf(again)).toEqual({ euler: 2, borders: 0, badEdges: 0, badVertices: 0 });
  // Linear between samples a tenth apart: inside by at most h²/(8r) = 2 mm of 700.
  expect(measure(again).volume / measure(ball).volume).toBeCloseTo(1, 1);
  const [a, b] = [boundsOf(again), boundsOf(ball)];
  for (let axis = 0; axis < 3; axis++) expect(a.max[axis]).toBeCloseTo(b.max[axis]!, 2);
});

test("errors", () => {
  const none = { ...ball, indices: new Uint32Array(0) };
  expect(() => distanceField(none, placement)).toThrow(
    "distanceField: expected at least 1 triangle",
  );
  expect(() => distanceField(ball, placement, { band: 0 })).toThrow("expected a band above 0");
  expect(() => distanceField(ball, { ...placement, dims: [0, 1, 1] })).toThrow(RangeError);
  const positions = [] as unknown as Float32Array;
  expect(() => distanceField({ ...ball, positions }, placement)).toThrow(TypeError);
});

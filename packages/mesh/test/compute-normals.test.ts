import { computeNormals } from "@headform/mesh";
import { expect, test } from "vitest";
import { cube, sheet, square } from "./shapes.ts";

test("a cube's corners point along its diagonals, however its squares are cut", () => {
  const { positions, indices } = cube();
  const normals = computeNormals({ positions, indices });
  // A single float carries 24 bits: 6e-8 of 0.577.
  for (let i = 0; i < 24; i++) expect(normals[i]).toBeCloseTo(positions[i]! / Math.sqrt(3), 6);
});

test("turn over with the triangles, and stay with scale", () => {
  const { positions, indices } = sheet(6, 3);
  const normals = computeNormals({ positions, indices });
  const turned = computeNormals({ positions, indices: indices.slice().reverse() });
  const grown = computeNormals({ positions: positions.map((x) => x * 2 ** 20), indices });
  for (let i = 0; i < normals.length; i++) {
    // The same sums in another order, in doubles, rounded to single floats.
    expect(turned[i]).toBeCloseTo(-normals[i]!, 6);
    expect(grown[i]).toBeCloseTo(normals[i]!, 6);
  }
});

test("have length 1, or 0 where there is no area", () => {
  const normals = computeNormals({
    positions: Float32Array.of(0, 0, 0, 1, 0, 0, 0, 1, 0, 5, 5, 5, 2, 0, 0),
    indices: Uint32Array.of(0, 1, 2, 0, 1, 4),
  });
  expect([...normals]).toEqual([0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
});

test("write where asked", () => {
  const out = new Float32Array(12);
  expect(computeNormals(square(), out)).toBe(out);
  expect(out).toEqual(square().normals);
});

import { colorsFromTexture, type Mesh } from "@headform/mesh";
import { expect, it } from "vitest";

const mesh: Mesh = {
  positions: new Float32Array(12),
  indices: Uint32Array.of(0, 1, 2),
  unit: "m",
  // Bottom left, bottom right, top left.
  uvs: Float32Array.of(0.25, 0.25, 0.75, 0.25, 0.25, 0.75),
  texture: {
    width: 2,
    height: 2,
    channels: 3,
    data: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12),
  },
};

it("takes the texel under each vertex, rows from the top", () => {
  expect(Array.from(colorsFromTexture(mesh))).toEqual([
    7, 8, 9, 10, 11, 12, 1, 2, 3, 128, 128, 128,
  ]);
});

it("wraps uvs outside 0…1 and follows uvIndices", () => {
  const wrapped = {
    ...mesh,
    uvs: Float32Array.of(1.25, -0.75, 0.75, 0.75),
    uvIndices: Uint32Array.of(0, 1, 1),
  };
  expect(Array.from(colorsFromTexture(wrapped)).slice(0, 6)).toEqual([7, 8, 9, 4, 5, 6]);
});

it("reads gray and transparent textures", () => {
  const gray = { width: 2, height: 2, channels: 1 as const, data: Uint8Array.of(5, 6, 7, 8) };
  expect(Array.from(colorsFromTexture({ ...mesh, texture: gray })).slice(0, 3)).toEqual([7, 7, 7]);
});

it("names what is missing", () => {
  const { texture: _, ...bare } = mesh;
  expect(() => colorsFromTexture(bare)).toThrow(/got none of texture/);
  const { uvs: __, ...flat } = mesh;
  expect(() => colorsFromTexture(flat)).toThrow(/got none of uvs/);
});

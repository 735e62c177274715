import { checkMesh, type Mesh, mergeMeshes } from "@headform/mesh";
import { expect, test } from "vitest";
import { cornerUvs, cube, square } from "./shapes.ts";

test("one mesh stays itself", () => {
  expect(mergeMeshes([square()])).toEqual(square());
  expect(mergeMeshes([cube()])).toEqual(cube());
});

test("two meshes keep what both have", () => {
  const merged = mergeMeshes([square(), cube()]);
  checkMesh(merged);
  expect(merged.positions.length).toBe(12 + 24);
  expect([...merged.indices.slice(6, 9)]).toEqual([4, 6, 7]);
  expect(Object.keys(merged).sort()).toEqual(["indices", "morphTargets", "positions", "unit"]);
  const [jawOpen] = merged.morphTargets!;
  expect([...jawOpen!.offsets]).toEqual([0, 0, 2, ...new Array(33).fill(0)]);
});

test("two with uvs, one with indices of its own", () => {
  const { uvIndices: _, ...plain } = square();
  const other: Mesh = { ...plain, uvs: plain.uvs!.slice(0, 8) };
  const merged = mergeMeshes([other, square()]);
  checkMesh(merged);
  expect(cornerUvs(merged)).toEqual([...cornerUvs(other), ...cornerUvs(square())]);
  expect(merged.colors!.length).toBe(24);
  // Their textures look alike but are not the same image.
  expect(merged.texture).toBeUndefined();
  const mesh = square();
  expect(mergeMeshes([mesh, mesh]).texture).toBe(mesh.texture);
});

test("refuses none, and units that differ", () => {
  expect(() => mergeMeshes([])).toThrow(RangeError);
  expect(() => mergeMeshes([cube(), { ...cube(), unit: "mm" }])).toThrow(
    new RangeError('mergeMeshes: expected unit "m", got "mm"'),
  );
});

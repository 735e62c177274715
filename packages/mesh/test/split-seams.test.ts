import { checkMesh, splitSeams } from "@headform/mesh";
import fc from "fast-check";
import { expect, test } from "vitest";
import { anyMesh, cornerUvs, cube, sheet, square } from "./shapes.ts";

test("repeats the vertex on the seam with all it carries", () => {
  const split = splitSeams(square());
  expect(split.positions.length / 3).toBe(5);
  expect([...split.indices]).toEqual([0, 1, 2, 4, 2, 3]);
  expect(split.uvs).toEqual(Float32Array.of(0, 0, 1, 0, 1, 1, 0, 1, 0.5, 0.5));
  expect([...split.colors!.slice(12)]).toEqual([255, 0, 0]);
  expect([...split.normals!.slice(12)]).toEqual([0, 0, 1]);
  expect([...split.morphTargets![0]!.offsets.slice(12)]).toEqual([0, 0, 2]);
  expect("uvIndices" in split).toBe(false);
});

test("returns a mesh without seams as it is", () => {
  const mesh = cube();
  expect(splitSeams(mesh)).toBe(mesh);
});

test("keeps every corner's position and uv, and the first V vertices in place", () => {
  const check = (mesh: Parameters<typeof splitSeams>[0]) => {
    const split = splitSeams(mesh);
    checkMesh(split);
    expect(split.positions.slice(0, mesh.positions.length)).toEqual(mesh.positions);
    if (mesh.uvs) expect(cornerUvs(split)).toEqual(cornerUvs(mesh));
    for (let i = 0; i < mesh.indices.length; i++) {
      const a = 3 * mesh.indices[i]!;
      const b = 3 * split.indices[i]!;
      expect(split.positions.slice(b, b + 3)).toEqual(mesh.positions.slice(a, a + 3));
    }
  };
  check(sheet(10, 5));
  fc.assert(fc.property(anyMesh, check), { seed: 2 });
});

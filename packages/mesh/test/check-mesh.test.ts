import { checkImage, checkMesh, type Image, type Mesh } from "@headform/mesh";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { anyMesh, cube, square } from "./shapes.ts";

test("accepts whole meshes, also one of nothing", () => {
  checkMesh(cube());
  checkMesh(square());
  checkMesh({ positions: new Float32Array(0), indices: new Uint32Array(0), unit: "none" });
  fc.assert(
    fc.property(anyMesh, (mesh) => checkMesh(mesh)),
    { seed: 1 },
  );
});

describe("refuses, naming caller and place", () => {
  const cases: [string, Partial<Record<keyof Mesh, unknown>>, Error][] = [
    [
      "an unknown unit",
      { unit: "cm" },
      new TypeError('door: expected unit "m", "mm" or "none", got cm'),
    ],
    [
      "doubles",
      { positions: new Float64Array(12) },
      new TypeError("door: expected positions as Float32Array, got Float64Array"),
    ],
    [
      "plain indices",
      { indices: [0, 1, 2] },
      new TypeError("door: expected indices as Uint32Array, got Array"),
    ],
    [
      "loose numbers",
      { positions: new Float32Array(13) },
      new RangeError("door: expected positions [V×3], got 13 numbers"),
    ],
    [
      "a loose corner",
      { indices: new Uint32Array(4) },
      new RangeError("door: expected indices [F×3], got 4 numbers"),
    ],
    [
      "a NaN",
      { positions: new Float32Array(12).fill(Number.NaN, 5) },
      new RangeError("door: expected finite positions, got NaN at index 5"),
    ],
    [
      "an index too high",
      { indices: Uint32Array.of(0, 1, 4) },
      new RangeError("door: expected indices below 4, got 4 at index 2"),
    ],
    [
      "few normals",
      { normals: new Float32Array(9) },
      new RangeError("door: expected normals [4×3], got 9 numbers"),
    ],
    [
      "an infinite normal",
      { normals: new Float32Array(12).fill(Infinity) },
      new RangeError("door: expected finite normals, got Infinity at index 0"),
    ],
    [
      "few colors",
      { colors: new Uint8Array(9) },
      new RangeError("door: expected colors [4×3], got 9 numbers"),
    ],
    [
      "an odd uv",
      { uvs: new Float32Array(9) },
      new RangeError("door: expected uvs [T×2], got 9 numbers"),
    ],
    [
      "uvs that need indices",
      { uvIndices: undefined },
      new RangeError("door: expected uvs [4×2] where there are no uvIndices, got 10 numbers"),
    ],
    [
      "uvIndices of other length",
      { uvIndices: new Uint32Array(3) },
      new RangeError("door: expected uvIndices [2×3], got 3 numbers"),
    ],
    [
      "a uv index too high",
      { uvIndices: new Uint32Array(6).fill(5) },
      new RangeError("door: expected uvIndices below 5, got 5 at index 0"),
    ],
    [
      "uvIndices alone",
      { uvs: undefined, texture: undefined },
      new RangeError("door: expected uvs beside uvIndices, got none"),
    ],
    [
      "a texture alone",
      { uvs: undefined, uvIndices: undefined },
      new RangeError("door: expected uvs beside a texture, got none"),
    ],
    [
      "a short texture",
      { texture: { width: 2, height: 2, channels: 3, data: new Uint8Array(11) } },
      new RangeError("door: expected 2×2×3 bytes of image data, got 11"),
    ],
    [
      "a short target",
      { morphTargets: [{ name: "a", weight: 0, offsets: new Float32Array(3) }] },
      new RangeError('door: expected morph target "a" [4×3], got 3 numbers'),
    ],
    [
      "a weight of NaN",
      { morphTargets: [{ name: "a", weight: Number.NaN, offsets: new Float32Array(12) }] },
      new RangeError('door: expected a finite weight for morph target "a", got NaN'),
    ],
    [
      "a name twice",
      { morphTargets: [square().morphTargets![0], square().morphTargets![0]] },
      new RangeError('door: expected distinct morph target names, got "jawOpen" twice'),
    ],
  ];
  test.each(cases)("%s", (_, change, error) => {
    expect(() => checkMesh({ ...square(), ...change } as Mesh, "door")).toThrow(error);
  });

  const image: Image = { width: 1, height: 1, channels: 3, data: new Uint8Array(3) };
  test.each([
    [{ ...image, width: 0 }, RangeError],
    [{ ...image, height: 1.5 }, RangeError],
    [{ ...image, channels: 2 as 3 }, RangeError],
    [{ ...image, data: new Uint8ClampedArray(3) as unknown as Uint8Array }, TypeError],
    [{ ...image, data: new Uint8Array(4) }, RangeError],
  ])("images %#", (bad, type) => {
    checkImage(image);
    expect(() => checkImage(bad)).toThrow(type);
  });
});

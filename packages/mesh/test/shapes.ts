import type { Mesh } from "@headform/mesh";
import { createRandom } from "@headform/testing";
import fc from "fast-check";

/** A cube of side 2 about the origin, its six squares cut along alternating diagonals. */
export function cube(): Mesh {
  const positions = new Float32Array(24);
  for (let i = 0; i < 8; i++) {
    for (let j = 0; j < 3; j++) positions[3 * i + j] = (i >> j) & 1 ? 1 : -1;
  }
  // biome-ignore format: one square per line
  const indices = Uint32Array.of(
    0, 2, 3, 0, 3, 1,
    4, 5, 7, 4, 7, 6,
    0, 1, 5, 0, 5, 4,
    2, 6, 7, 2, 7, 3,
    0, 4, 6, 0, 6, 2,
    1, 3, 7, 1, 7, 5,
  );
  return { positions, indices, unit: "m" };
}

/** A unit square in the plane z = 0 of two triangles, seen from +Z, with all attributes there are. */
export function square(): Mesh {
  return {
    positions: Float32Array.of(0, 0, 0, 1, 0, 0, 1, 1, 0, 0, 1, 0),
    indices: Uint32Array.of(0, 1, 2, 0, 2, 3),
    unit: "m",
    normals: Float32Array.of(0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 1),
    uvs: Float32Array.of(0, 0, 1, 0, 1, 1, 0, 1, 0.5, 0.5),
    uvIndices: Uint32Array.of(0, 1, 2, 4, 2, 3),
    colors: Uint8Array.of(255, 0, 0, 0, 255, 0, 0, 0, 255, 10, 20, 30),
    texture: {
      width: 2,
      height: 2,
      channels: 3,
      data: Uint8Array.from({ length: 12 }, (_, i) => 20 * i),
    },
    morphTargets: [
      {
        name: "jawOpen",
        weight: 0.5,
        offsets: Float32Array.of(0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0),
      },
      { name: "mouthLeft", weight: 0, offsets: new Float32Array(12).fill(1) },
    ],
  };
}

/** A bumpy sheet of n×n vertices with a seam of its uvs down the middle. */
export function sheet(n: number, seed: number): Mesh {
  const random = createRandom(seed);
  const positions = new Float32Array(3 * n * n);
  const uvs = new Float32Array(4 * n * n);
  for (let i = 0; i < n * n; i++) {
    const x = (i % n) / n;
    const y = Math.floor(i / n) / n;
    positions.set([x, y, 0.1 * random()], 3 * i);
    uvs.set([x / 2, y], 2 * i);
    uvs.set([0.5 + x / 2, y], 2 * (n * n + i));
  }
  const indices: number[] = [];
  const uvIndices: number[] = [];
  for (let i = 0; i < n * (n - 1); i++) {
    if (i % n === n - 1) continue;
    const side = i % n < n / 2 ? 0 : n * n;
    for (const corner of [i, i + 1, i + n, i + 1, i + n + 1, i + n]) {
      indices.push(corner);
      uvIndices.push(corner + side);
    }
  }
  return {
    positions,
    indices: Uint32Array.from(indices),
    unit: "m",
    uvs,
    uvIndices: Uint32Array.from(uvIndices),
  };
}

const float = fc.float({ noNaN: true, noDefaultInfinity: true });

/** Meshes of 1 to 8 vertices with any finite floats and any mix of attributes. */
export const anyMesh: fc.Arbitrary<Mesh> = fc.integer({ min: 1, max: 8 }).chain((vertexCount) => {
  const floats = (length: number) =>
    fc.array(float, { minLength: length, maxLength: length }).map((a) => Float32Array.from(a));
  const triangles = fc.array(fc.nat(vertexCount - 1), { maxLength: 15 });
  return fc
    .record({
      positions: floats(3 * vertexCount),
      indices: triangles.map((a) => Uint32Array.from(a.slice(0, a.length - (a.length % 3)))),
      unit: fc.constantFrom("m" as const, "mm" as const, "none" as const),
      normals: fc.option(floats(3 * vertexCount)),
      uvs: fc.option(floats(2 * vertexCount)),
      colors: fc.option(fc.uint8Array({ minLength: 3 * vertexCount, maxLength: 3 * vertexCount })),
      seams: fc.boolean(),
    })
    .map(({ positions, indices, unit, normals, uvs, colors, seams }) => ({
      positions,
      indices,
      unit,
      ...(normals && { normals }),
      ...(uvs && { uvs }),
      ...(uvs && seams && { uvIndices: indices.map((index) => vertexCount - 1 - index) }),
      ...(colors && { colors: Uint8Array.from(colors) }),
    }));
});

/** Texture coordinates per triangle corner: what remains of uvs however they are indexed. */
export function cornerUvs({ indices, uvs, uvIndices }: Mesh): number[] {
  return [...(uvIndices ?? indices)].flatMap((i) => [uvs![2 * i]! + 0, uvs![2 * i + 1]! + 0]);
}

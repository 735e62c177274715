import { readFileSync } from "node:fs";
import type { Mesh } from "@headform/mesh";
import { isosurface, type VoxelGrid } from "@headform/volume";
import { describe, expect, test } from "vitest";
import { topologyOf } from "./surfaces.ts";

/** [n×3] of 3200 volumes: Euler number in scikit-image, of the interpolation, crowded edges there. */
const rows = (
  JSON.parse(readFileSync(new URL("fixtures/lewiner.json", import.meta.url), "utf8")) as {
    readonly eulerScikitEulerTruthCrowdedEdges: [number, number | null, number][];
  }
).eulerScikitEulerTruthCrowdedEdges;

const DIMS = [
  [4, 4, 4],
  [6, 5, 4],
  [2, 2, 2],
] as const;

/** The same numbers as in fixtures/make-lewiner.py. */
function randomVolume(seed: number): VoxelGrid<Float32Array> {
  const dims = DIMS[seed < 1000 ? 0 : seed < 1200 ? 1 : 2];
  let state = (Math.imul(seed, 2654435761) + 1) >>> 0;
  const data = Float32Array.from({ length: dims[0] * dims[1] * dims[2] }, () => {
    state = (state ^ (state << 13)) >>> 0;
    state = (state ^ (state >>> 17)) >>> 0;
    state = (state ^ (state << 5)) >>> 0;
    return 2 * (state % 1000) - 999;
  });
  return { data, dims, spacing: [1, 1, 1], origin: [0, 0, 0] };
}

const eulerOf = (mesh: Mesh): number => topologyOf(mesh).euler;

describe("the topology of the trilinear interpolation", () => {
  const ours = rows.map((_, seed) => eulerOf(isosurface(randomVolume(seed), { isovalue: 0 })));

  test("in every volume in which dense sampling can tell it", () => {
    const resolved = rows.flatMap(([, truth], seed) => (truth === null ? [] : [seed]));
    expect(resolved.length).toBeGreaterThan(3000);
    expect(resolved.filter((seed) => ours[seed] !== rows[seed]![1])).toEqual([]);
  });

  test("that of scikit-image's Lewiner method, but where that differs from the interpolation", () => {
    const others = rows.flatMap(([scikit], seed) => (scikit === ours[seed] ? [] : [seed]));
    const wrong = others.filter((seed) => rows[seed]![1] === ours[seed]);
    // Counted, so that a change on either side shows: volumes alike, and those where it errs.
    expect({ alike: rows.length - others.length, scikitErrs: wrong.length }).toEqual({
      alike: 2877,
      scikitErrs: 296,
    });
  });
});

test("a tunnel through a single cell: two corners, joined or not through its middle", () => {
  // Opposite corners inside; the others outside, by little or by much.
  const cell = (outside: number): VoxelGrid => ({
    data: Float32Array.of(1, outside, outside, outside, outside, outside, outside, 1),
    dims: [2, 2, 2],
    spacing: [1, 1, 1],
    origin: [0, 0, 0],
  });
  // On the way from corner to corner f = (1 − 3t + 3t²) − 3t(1 − t)·outside: at the middle ¼ + ¾·outside.
  const joined = isosurface(cell(-0.3), { isovalue: 0 });
  const apart = isosurface(cell(-0.4), { isovalue: 0 });
  expect([eulerOf(joined), eulerOf(apart)]).toEqual([0, 2]);
  expect(topologyOf(joined)).toMatchObject({ badEdges: 0, badVertices: 0 });
  // The ring's vertices lie on the interpolation's surface: symmetric about the diagonal's middle.
  const ring = joined.positions.subarray(18);
  expect(ring.length).toBe(18);
  for (let v = 0; v < 18; v += 3) {
    const [u, w, t] = ring.subarray(v, v + 3) as unknown as [number, number, number];
    const at = (a: number, b: number, c: number): number => a * b * c;
    const value =
      at(1 - u, 1 - w, 1 - t) + at(u, w, t) - 0.3 * (1 - at(1 - u, 1 - w, 1 - t) - at(u, w, t));
    expect(value).toBeCloseTo(0, 6);
  }
});

import { closestPoints, createTriangleIndex, type Mesh } from "@headform/mesh";
import {
  evaluate,
  evaluateLandmarks,
  isMorphableModelError,
  registerHead,
  toMesh,
} from "@headform/morphable-model";
import { describe, expect, test } from "vitest";
import { distance, openHead, person } from "./open-head.ts";

const head = openHead();
const who = person(head, 4, { jawOpen: 0.2, mouthSmileRight: 0.4 });
const hidden = /Eyeball|Iris|teeth|tongue|mouth/;
const nameOf = (v: number): string => head.regionNames?.[head.regions?.[v] ?? -1] ?? "";

/** A head that no coefficients give: the chin longer by 6 mm, one cheek fuller by 4. */
const truth = evaluate(head, who).map((value, i, all) => {
  const at = i - (i % 3);
  const [x, y, z] = [all[at], all[at + 1], all[at + 2]];
  const bump = (cx: number, cy: number, cz: number, width: number): number =>
    Math.exp(-((x - cx) ** 2 + (y - cy) ** 2 + (z - cz) ** 2) / (2 * width ** 2));
  if (i % 3 === 1) return value - 0.006 * bump(0, -0.07, 0.09, 0.02);
  return value + 0.004 * bump(0.05, -0.01, 0.08, 0.015) * 0.7;
});

/** Its outer surface with other vertices, and without the back of the head: each triangle in four. */
function scanOf(positions: Float32Array): Mesh {
  const points: number[] = [];
  const indices: number[] = [];
  for (let t = 0; t < head.indices.length; t += 3) {
    const corners = [...head.indices.subarray(t, t + 3)];
    if (corners.some((v) => hidden.test(nameOf(v)) || positions[3 * v + 2] < -0.02)) continue;
    const [a, b, c] = corners.map((v) => [...positions.subarray(3 * v, 3 * v + 3)]);
    const between = (p: number[], q: number[]): number[] => p.map((value, i) => (value + q[i]) / 2);
    const [ab, bc, ca] = [between(a, b), between(b, c), between(c, a)];
    for (const corner of [a, ab, ca, b, bc, ab, c, ca, bc, ab, bc, ca].flat()) points.push(corner);
    for (let i = 12; i > 0; i--) indices.push(points.length / 3 - i);
  }
  return {
    positions: Float32Array.from(points),
    indices: Uint32Array.from(indices),
    unit: "m",
  };
}

describe("a head beyond the model", () => {
  const scan = scanOf(truth);
  const found = registerHead(head, scan);
  const of = (positions: ArrayLike<number>, pattern: RegExp): Float64Array =>
    Float64Array.from(positions).filter((_, i) => pattern.test(nameOf(Math.floor(i / 3))));

  test("comes nearer to the surface than the coefficients alone, and to the vertices", () => {
    const fitted = evaluate(head, found);
    const [before, after] = [fitted, found.positions].map((p) => of(p, /faceSkin|lips/));
    const index = createTriangleIndex(scan);
    const rms = (p: Float64Array): number =>
      Math.sqrt(
        closestPoints(index, p).squaredDistances.reduce((a, b) => a + b, 0) / (p.length / 3),
      );
    // What is left is what the skin's stiffness costs: a fraction of the coefficients' 0.3 mm.
    expect(rms(after)).toBeLessThan(0.5 * rms(before));
    expect(rms(after)).toBeLessThan(1.5e-4);
    // Along the surface nothing says where a vertex belongs: within a millimeter all the same.
    expect(distance(after, of(truth, /faceSkin|lips/))).toBeLessThan(1e-3);
  });

  test("offsets, positions and landmarks say the same", () => {
    const { similarity, offsets, positions } = found;
    expect(similarity.scale).toBe(1);
    const mesh = toMesh(head, { shape: found.shape, expression: found.expression }, { offsets });
    const posed = mesh.positions.map((value, i) =>
      (mesh.morphTargets ?? []).reduce((sum, { offsets: o, weight }) => sum + weight * o[i], value),
    );
    const placed = posed.map((_, i) => {
      const [row, at] = [3 * (i % 3), i - (i % 3)];
      const R = similarity.rotation;
      const turned = R[row] * posed[at] + R[row + 1] * posed[at + 1] + R[row + 2] * posed[at + 2];
      return turned + similarity.translation[i % 3];
    });
    // Float32 numbers of a decimeter, twice.
    expect(distance(placed, positions)).toBeLessThan(1e-7);
    expect(mesh.morphTargets).toHaveLength(52);
    const landmarks = evaluateLandmarks(positions, head);
    expect(distance(landmarks, evaluateLandmarks(truth, head))).toBeLessThan(1.5e-3);
  });

  test("what the scan leaves out is not matched, and goes along", () => {
    const back = [...found.matched.keys()].filter((v) => truth[3 * v + 2] < -0.05);
    expect(back.length).toBeGreaterThan(200);
    expect(back.filter((v) => found.matched[v] === 1)).toEqual([]);
    const face = [...found.matched.keys()].filter((v) => nameOf(v) === "faceSkin");
    const share = face.filter((v) => found.matched[v] === 1).length / face.length;
    expect(share).toBeGreaterThan(0.95);
    // Eyeballs have no edge to the skin, but springs: they do not stay behind.
    expect(distance(of(found.positions, /Eyeball/), of(truth, /Eyeball/))).toBeLessThan(2e-3);
  });

  // Half of it, and few steps, where any registration will do.
  const quick = { maximum: 200, maxIterations: 2 };
  const half = { ...scan, indices: scan.indices.subarray(0, scan.indices.length / 2) };

  test("twice the same", () => {
    const [one, other] = [0, 1].map(() => registerHead(head, half, quick));
    expect(one).toEqual(other);
  });

  test("regions that only follow are not matched", () => {
    const following = ["eyelids", "ears"];
    const { matched } = registerHead(head, scan, { ...quick, following });
    const isDrawn = (name: string): boolean =>
      [...matched.keys()].some((v) => nameOf(v) === name && matched[v] === 1);
    expect(["eyelids", "ears", "lips", "faceSkin"].map(isDrawn)).toEqual([
      false,
      false,
      true,
      true,
    ]);
  });
});

test("errors", () => {
  const scan = scanOf(truth);
  const call =
    (change: Partial<Mesh>, options = {}) =>
    () =>
      registerHead(head, { ...scan, ...change }, { maximum: 100, maxIterations: 1, ...options });
  expect(call({ indices: new Uint32Array(0) })).toThrow(
    "registerHead: expected at least 1 triangle",
  );
  expect(call({}, { stiffness: 0 })).toThrow("registerHead: expected stiffness above 0");
  expect(call({}, { maxDistance: -1 })).toThrow("registerHead: expected maxDistance above 0");
  expect(call({ positions: [] as unknown as Float32Array })).toThrow(TypeError);
  const few = {
    positions: Float32Array.of(0, 0, 0, 1, 0, 0, 0, 1, 0),
    indices: Uint32Array.of(0, 1, 2),
  };
  expect(() => registerHead(head, { ...few, unit: "m" })).toThrow(
    expect.toSatisfy(isMorphableModelError),
  );
  expect(() => toMesh(head, {}, { offsets: [1, 2] })).toThrow("toMesh: expected offsets of");
});

import { createRandom, rotationFromAxisAngle } from "@headform/core-math";
import { type Mesh, transformMesh } from "@headform/mesh";
import { evaluate, evaluateLandmarks, fitScan, type PcaModel } from "@headform/morphable-model";
import { describe, expect, test } from "vitest";
import { distance, openHead, person } from "./open-head.ts";

const head = openHead();
const who = person(head, 3, { jawOpen: 0.4, mouthSmileLeft: 0.5, browInnerUp: 0.3 });
const truth = evaluate(head, who);
const placed = {
  scale: 1,
  rotation: rotationFromAxisAngle([0.2, 0.5, -0.1]),
  translation: Float64Array.of(0.1, -0.2, 0.3),
};
const regionOf = (model: PcaModel, v: number): string | undefined =>
  model.regionNames?.[model.regions?.[v] ?? -1];

/** The face alone, in another place, with hair and shoulders of random points if wanted. */
function scanOf(clutter: number): { scan: Mesh; landmarks: Float32Array } {
  const mesh = transformMesh({ positions: truth, indices: head.indices, unit: "m" }, placed);
  const kept: number[] = [];
  for (let t = 0; t < head.indices.length; t += 3) {
    const corners = [...head.indices.subarray(t, t + 3)];
    if (corners.every((v) => /faceSkin|lips|eyelids/.test(regionOf(head, v) ?? ""))) {
      kept.push(...corners);
    }
  }
  const order = [...new Set(kept)];
  const places = new Map(order.map((v, i) => [v, i]));
  const random = createRandom(2);
  const positions = order.flatMap((v) => [...mesh.positions.subarray(3 * v, 3 * v + 3)]);
  for (let i = 0; i < clutter; i++) {
    positions.push(0.3 * random.normal() + 0.1, 0.3 * random.normal() - 0.2, 0.3 * random.normal());
  }
  const landmarks = transformMesh(
    {
      ...mesh,
      positions: Float32Array.from(evaluateLandmarks(truth, head)),
      indices: new Uint32Array(0),
    },
    placed,
  ).positions;
  return {
    scan: {
      positions: Float32Array.from(positions),
      indices: Uint32Array.from(kept, (v) => places.get(v) as number),
      unit: "m",
    },
    landmarks,
  };
}
const onFace = (positions: Float32Array): Float32Array =>
  positions.filter((_, i) => regionOf(head, Math.floor(i / 3)) === "faceSkin");

describe("fitScan", () => {
  test("known scan → coefficients: a face alone, placed by landmarks", () => {
    const { scan, landmarks } = scanOf(0);
    const found = fitScan(head, scan, { landmarks, maximum: 800 });
    // Noise-free, but believed to 0.1 mm: the prior's pull leaves a hundredth of that.
    expect(found.status).toBe("converged");
    expect(found.residual).toBeLessThan(2e-5);
    expect(distance(onFace(evaluate(head, found)), onFace(truth))).toBeLessThan(5e-5);
    for (let k = 0; k < 5; k++) expect(Math.abs(found.shape[k] - who.shape[k])).toBeLessThan(0.05);
  });

  test("a face alone, upright in another origin, needs no landmarks", () => {
    const { scan } = scanOf(0);
    // Turned back but for some 8°, and moved away until nothing overlaps.
    const far = transformMesh(scan, {
      scale: 1,
      rotation: rotationFromAxisAngle([-0.1, -0.4, 0.1]),
      translation: Float64Array.of(0.3, 0.3, -0.3),
    });
    const found = fitScan(head, far, { maximum: 800 });
    // As with landmarks: found by ICP, then refined to the same surface.
    expect(found.residual).toBeLessThan(5e-5);
    expect(distance(onFace(evaluate(head, found)), onFace(truth))).toBeLessThan(2e-4);
  });

  test("clutter is left out", () => {
    const { scan, landmarks } = scanOf(300);
    const found = fitScan(head, scan, { landmarks, maximum: 1000 });
    expect(distance(onFace(evaluate(head, found)), onFace(truth))).toBeLessThan(3e-4);
    expect(found.inliers).toBeLessThan(940);
  });

  test("a cloud of points without unit, roughly in the frame", () => {
    const cloud = { positions: truth.map((x) => 1.1 * x), indices: new Uint32Array(0) };
    const found = fitScan(head, { ...cloud, unit: "none" }, { maximum: 600 });
    // Scale and size are told apart by the prior alone.
    expect(found.residual).toBeLessThan(2e-4);
    expect(Math.abs(found.similarity.scale - 1.1)).toBeLessThan(0.06);
  });

  test("errors", () => {
    const { scan } = scanOf(0);
    const few = { positions: truth.slice(0, 90), indices: new Uint32Array(0), unit: "m" as const };
    expect(() => fitScan(head, few)).toThrow(/at least 50 vertices.*got 30/);
    expect(() => fitScan(head, { ...scan, indices: Uint32Array.of(0, 1, 99999) })).toThrow(
      /fitScan/,
    );
    expect(() => fitScan(head, scan, { noise: 0 })).toThrow(/noise above 0, got 0/);
    expect(() => fitScan(head, scan, { maximum: 0 })).toThrow(/maximum above 0, got 0/);
    expect(() => fitScan(head, scan, { maxIterations: 0 })).toThrow(/maxIterations above 0/);
  });
});

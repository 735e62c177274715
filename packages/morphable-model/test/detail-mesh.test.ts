import { readFileSync } from "node:fs";
import { applyMorphTargets } from "@headform/mesh";
import {
  detailMesh,
  detailModel,
  evaluate,
  evaluateLandmarks,
  isMorphableModelError,
  readDetail,
  toMesh,
} from "@headform/morphable-model";
import { describe, expect, test } from "vitest";
import { openHead, person } from "./fit/open-head.ts";

const head = openHead();
const load = (level: string): Uint8Array =>
  readFileSync(new URL(`../../open-head/data/head-${level}.safetensors`, import.meta.url));
const who = person(head, 5, { jawOpen: 0.6, eyeBlinkLeft: 1, mouthSmileRight: 0.7 });

describe.each([
  ["low", 1000, 2e-3],
  ["high", 15000, 5e-4],
] as const)("%s", (level, count, tolerance) => {
  const detail = readDetail(load(level));
  const model = detailModel(head, detail);

  test("says what it is", () => {
    expect(detail.level).toBe(level);
    expect(model.mean.length).toBe(3 * count);
    expect(model.shapeStandardDeviations.length).toBe(head.shapeStandardDeviations.length);
    expect(model.expressionNames).toEqual(head.expressionNames);
    // Mixes are affine: a head that moves as a whole does so at every level.
    for (let i = 0; i < count; i++) {
      let sum = 0;
      for (let k = detail.starts[i]!; k < detail.starts[i + 1]!; k++) sum += detail.weights[k]!;
      expect(sum).toBeCloseTo(1, 6);
    }
  });

  test("the same coefficients make the same head: landmarks stay where they are", () => {
    const before = evaluateLandmarks(evaluate(head, who), head);
    const after = evaluateLandmarks(evaluate(model, who), model);
    let squared = 0;
    for (let i = 0; i < before.length; i++) squared += (before[i]! - after[i]!) ** 2;
    // A flat triangle of the low head spans a centimeter of cheek: 0.8 mm are measured; 0.1 of the high.
    expect(Math.sqrt(squared / 68)).toBeLessThan(tolerance);
  });

  test("a mesh of the head becomes that of the detailed model", () => {
    const mesh = detailMesh(toMesh(head, who), detail);
    const direct = toMesh(model, who);
    expect(mesh.positions.length).toBe(3 * count);
    const [a, b] = [applyMorphTargets(mesh), applyMorphTargets(direct)];
    // Sums of at most nine singles in another order.
    for (let i = 0; i < a.positions.length; i++) {
      expect(Math.abs(a.positions[i]! - b.positions[i]!)).toBeLessThan(1e-6);
    }
    expect(mesh.uvs).toBe(detail.uvs);
    expect(mesh.morphTargets?.map(({ name }) => name)).toEqual(head.expressionNames);
  });

  test("is its own mirror image, without folds, its rims two eyes and the neck", () => {
    const { mirror, indices } = detail;
    for (let v = 0; v < count; v++) {
      expect(mirror[mirror[v]!]).toBe(v);
      // To the bit, as the head is.
      expect(model.mean[3 * mirror[v]!]! + model.mean[3 * v]!).toBe(0);
    }
    // Each directed edge is used once: a surface without folds; its rims are two eyes and the neck.
    const edges = new Set<number>();
    for (let t = 0; t < indices.length; t += 3) {
      for (let k = 0; k < 3; k++) edges.add(indices[t + k]! * count + indices[t + ((k + 1) % 3)]!);
    }
    expect(edges.size).toBe(indices.length);
    const next = new Map<number, number>();
    for (const edge of edges) {
      const [from, to] = [Math.floor(edge / count), edge % count];
      if (!edges.has(to * count + from)) next.set(from, to);
    }
    let rims = 0;
    for (const start of next.keys()) {
      if (!next.has(start)) continue;
      rims++;
      for (let v: number | undefined = start; v !== undefined; ) {
        const to: number | undefined = next.get(v);
        next.delete(v);
        v = to;
      }
    }
    expect(rims).toBe(3);
  });
});

test("colors are mixed", () => {
  const detail = readDetail(load("low"));
  const mesh = toMesh(head);
  const colors = new Uint8Array(mesh.positions.length).fill(200);
  expect(detailMesh({ ...mesh, colors }, detail).colors).toEqual(new Uint8Array(3000).fill(200));
});

describe("refuses", () => {
  const messageOf = (bytes: Uint8Array): string => {
    try {
      readDetail(bytes);
    } catch (error) {
      if (isMorphableModelError(error) && error.code === "bad-file") return error.message;
      throw error;
    }
    throw new Error("expected an error, got a detail");
  };
  const edited = (from: string, to: string): Uint8Array => {
    const text = Buffer.from(load("low")).toString("latin1").replace(from, to);
    return Buffer.from(text, "latin1");
  };
  test("files that are none, or contradict themselves", () => {
    expect(messageOf(new Uint8Array(4))).toMatch(/not a safetensors file/);
    const whole = readFileSync(new URL("../../open-head/data/head.safetensors", import.meta.url));
    expect(messageOf(whole)).toMatch(/format is headform-head/);
    expect(messageOf(edited('"headVertices":"5944"', '"headVertices":"0944"'))).toMatch(
      /vertices holds \d+ of 944/,
    );
    expect(messageOf(edited('"headVertices":"5944"', '"headVertices":"59.4"'))).toMatch(
      /headVertices is 59.4/,
    );
    expect(messageOf(edited('"mirror":', '"mirrox":'))).toMatch(/mirror is missing/);
  });
  test("other heads", () => {
    const detail = readDetail(load("low"));
    const other = { ...toMesh(head), positions: new Float32Array(9) };
    expect(() => detailMesh(other, detail)).toThrow(/^detailMesh: expected 5944 vertices, got 3$/);
    expect(() => detailModel({ ...head, mean: new Float32Array(9) }, detail)).toThrow(
      /^detailModel: expected 5944 vertices, got 3$/,
    );
  });
});

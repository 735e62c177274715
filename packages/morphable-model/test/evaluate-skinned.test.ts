import { readFileSync } from "node:fs";
import { rotationFromAxisAngle } from "@headform/core-math";
import { readSafetensors } from "@headform/formats/safetensors";
import { applyMorphTargets } from "@headform/mesh";
import {
  contourRow,
  createSkinnedWorkspace,
  evaluate,
  evaluateLandmarks,
  evaluateSurfacePoints,
  toMesh,
} from "@headform/morphable-model";
import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { seededCoefficients, seededFlame, VERTICES } from "./seeded-flame.ts";
import { evaluatePlainly, skinnedHead } from "./skinned-head.ts";

const flame = seededFlame();
const reference = readSafetensors(
  readFileSync(new URL("fixtures/skinned.safetensors", import.meta.url)),
);
const expected = (name: string): ArrayLike<number> =>
  reference.tensors.get(name)?.data as ArrayLike<number>;
const workspaces = {
  wasm: createSkinnedWorkspace(flame),
  typescript: createSkinnedWorkspace(flame, { kernel: "typescript" }),
};

// The fixture is float32 of a float64 computation. Ours stores each stage in float32, a rounding of
// 1e-8 each; the promise is 1e-6 m.
const MICROMETER = 1e-6;

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  let largest = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = Math.abs(a[i] - b[i]);
    if (!(difference <= largest)) largest = difference;
  }
  return largest;
}

describe.each(["wasm", "typescript"] as const)("FLAME's shapes, %s", (name) => {
  const workspace = workspaces[name];

  test("runs on the kernel it says", () => {
    expect(workspace.kernel.name).toBe(name);
  });

  test.each([0, 1, 2] as const)("every vertex of case %i as NumPy computes it", (which) => {
    const coefficients = seededCoefficients(which);
    const vertices = evaluate(flame, coefficients, undefined, workspace);
    const difference = largestDifference(vertices, expected(`vertices${which}`));
    expect(difference).toBeLessThan(MICROMETER);
    const landmarks = evaluateLandmarks(vertices, flame, coefficients);
    expect(largestDifference(landmarks, expected(`landmarks${which}`))).toBeLessThan(MICROMETER);
  });
});

describe("what is computed again", () => {
  test.each(["wasm", "typescript"] as const)("nothing is stale, %s", (name) => {
    const workspace = workspaces[name];
    const [a, b] = [seededCoefficients(1), seededCoefficients(2)];
    const mixtures = [
      a,
      { ...a, expression: b.expression },
      { ...a, expression: b.expression, pose: b.pose },
      { ...b, shape: a.shape, pose: [0, 0, 0, 0.2] },
      { shape: b.shape.subarray(0, 10), expression: a.expression.subarray(0, 3) },
      {},
      b,
    ];
    for (const coefficients of mixtures) {
      const fresh = evaluate(flame, coefficients);
      const kept = evaluate(flame, coefficients, undefined, workspace);
      // The kernels add in another order and precision: float32 of 0.3 m, as above.
      expect(largestDifference(kept, fresh)).toBeLessThan(MICROMETER);
    }
  });

  test("a frame allocates no arrays", () => {
    const workspace = workspaces.wasm;
    const out = new Float32Array(3 * VERTICES);
    const landmarks = new Float64Array(68 * 3);
    const coefficients = seededCoefficients(1);
    const frame = (i: number) => {
      coefficients.expression[0] = i;
      evaluate(flame, coefficients, out, workspace);
    };
    frame(0);
    const before = process.memoryUsage().arrayBuffers;
    for (let i = 1; i < 50; i++) frame(i);
    // One vertex array would be 60 kB a frame; the test runner itself may move a little.
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(60_000);
    expect(evaluate(flame, coefficients, out, workspace)).toBe(out);
    expect(evaluateLandmarks(out, flame, coefficients, landmarks)).toBe(landmarks);
  });
});

describe("a small head", () => {
  const head = skinnedHead();
  const coefficients = {
    shape: [1, -2],
    expression: [0.3, 0.5, 0, 1],
    pose: [0.1, 0.4, 0, -0.3, 0.2, 0.1, 0.5, 0, 0, 0, 0, -2],
    eyelids: [0.5, 1],
  };

  test("follows the equations, eyelids last", () => {
    // Float32 of 0.1 m, a rounding of 4e-9 per stage.
    expect(
      largestDifference(evaluate(head, coefficients), evaluatePlainly(head, coefficients)),
    ).toBeLessThan(1e-7);
  });

  test("at rest is the template", () => {
    // Weights sum to 1 in float32: 1e-7 of 0.1 m.
    expect(largestDifference(evaluate(head), head.template)).toBeLessThan(1e-7);
  });

  test("turning the root turns the head about it", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: 3, maxLength: 3 }),
        (root) => {
          const still = evaluate(head, { ...coefficients, pose: [0, 0, 0, 0.2], eyelids: [] });
          const turned = evaluate(head, { ...coefficients, pose: [...root, 0.2], eyelids: [] });
          const distance = (x: Float32Array, v: number) =>
            Math.hypot(...[0, 1, 2].map((axis) => x[3 * v + axis] - x[axis]));
          for (let v = 1; v < 162; v += 10) {
            expect(Math.abs(distance(turned, v) - distance(still, v))).toBeLessThan(1e-7);
          }
        },
      ),
      { seed: 5, numRuns: 30 },
    );
  });

  test("a mesh at rest keeps expressions apart, a posed one bakes them in", () => {
    const { pose, ...neutral } = coefficients;
    const rest = toMesh(head, neutral);
    expect(rest.morphTargets?.map((target) => [target.name, target.weight])).toEqual([
      ["a", 0.3],
      ["b", 0.5],
      ["c", 0],
      ["d", 1],
      ["eyelidLeft", 0.5],
      ["eyelidRight", 1],
    ]);
    // Linear at rest: applying the targets is evaluating, to float32.
    expect(
      largestDifference(applyMorphTargets(rest).positions, evaluate(head, neutral)),
    ).toBeLessThan(1e-7);
    const posed = toMesh(head, { ...neutral, pose });
    expect(posed.morphTargets?.length).toBe(2);
    expect(
      largestDifference(applyMorphTargets(posed).positions, evaluate(head, coefficients)),
    ).toBeLessThan(1e-7);
  });

  test("without WebAssembly the kernel is TypeScript", () => {
    vi.stubGlobal("WebAssembly", undefined);
    const workspace = createSkinnedWorkspace(head);
    vi.unstubAllGlobals();
    expect(workspace.kernel.name).toBe("typescript");
    expect(
      largestDifference(
        evaluate(head, coefficients, undefined, workspace),
        evaluatePlainly(head, coefficients),
      ),
    ).toBeLessThan(1e-7);
  });

  test("without room for the bases the kernel is TypeScript", () => {
    vi.stubGlobal("WebAssembly", {
      validate: () => true,
      Memory: class {
        constructor() {
          throw new RangeError("could not allocate memory");
        }
      },
    });
    const workspace = createSkinnedWorkspace(head);
    vi.unstubAllGlobals();
    expect(workspace.kernel.name).toBe("typescript");
  });

  test("errors", () => {
    const refuse = (more: object, message: RegExp) => {
      expect(() => evaluate(head, more)).toThrow(RangeError);
      expect(() => evaluate(head, more)).toThrow(message);
    };
    refuse({ shape: new Array(7).fill(0) }, /evaluate: expected at most 6 shape .* got 7/);
    refuse({ expression: [0, Number.NaN] }, /finite expression coefficients, got NaN at 1/);
    refuse({ pose: new Array(13).fill(0) }, /at most 12 pose coefficients, got 13/);
    refuse({ eyelids: [0, 0, 0] }, /at most 2 eyelid coefficients, got 3/);
    expect(() => evaluate(head, {}, new Float32Array(3))).toThrow(/expected out of 486, got 3/);
    expect(() => evaluate(head, {}, undefined, workspaces.wasm)).toThrow(/workspace of this model/);
    const wrong = (change: object, message: RegExp) =>
      expect(() => createSkinnedWorkspace({ ...head, ...change })).toThrow(message);
    wrong({ poseBasis: new Float32Array(3) }, /poseBasis of length 13122, got 3/);
    wrong({ template: new Float32Array(4) }, /template of length 3, got 4/);
    wrong({ parents: Int32Array.of(-1, 2, 1, 1) }, /parent 0…0 of joint 1, got 2/);
    wrong({ parents: Int32Array.of(0, 0, 1, 1) }, /parent -1 of joint 0, got 0/);
  });
});

describe("landmarks", () => {
  test("contour rows are those of NumPy, in both senses", () => {
    const poses = expected("contourPoses") as Float64Array;
    for (const sign of ["smplx", "mica"] as const) {
      const rows = Array.from({ length: 60 }, (_, i) =>
        contourRow(flame, poses.subarray(6 * i, 6 * i + 6), sign),
      );
      expect(rows).toEqual(Array.from(expected(`${sign}Rows`)));
    }
  });

  test("rows end at 39 degrees, and a camera turns like the root", () => {
    const degrees = (yaw: number) => [0, (yaw * Math.PI) / 180, 0];
    const row = (yaw: number) => contourRow(flame, degrees(yaw), "mica");
    expect([0, 1, 20, 39, 60].map(row)).toEqual([0, 1, 20, 39, 39]);
    expect([-1, -20, -39, -60].map(row)).toEqual([40, 59, 78, 78]);
    const camera = rotationFromAxisAngle(degrees(10));
    expect(contourRow(flame, degrees(15), "mica", camera)).toBe(25);
    expect(contourRow(flame, [], "smplx", camera)).toBe(49);
  });

  test("points are corners by their barycentrics; none without landmarks", () => {
    const positions = [0, 0, 0, 4, 0, 0, 0, 8, 0];
    const points = {
      triangles: Uint32Array.of(0),
      barycentrics: Float32Array.of(0.25, 0.5, 0.25),
    };
    const indices = Uint32Array.of(0, 1, 2);
    expect([...evaluateSurfacePoints(positions, indices, points)]).toEqual([2, 2, 0]);
    expect(() => evaluateSurfacePoints(positions, indices, points, new Float64Array(2))).toThrow(
      /barycentrics and out of 3, got 3 and 2/,
    );
    const head = skinnedHead();
    expect(evaluateLandmarks(head.template, head).length).toBe(0);
    expect(() => evaluateLandmarks([1], head)).toThrow(/expected 486 numbers, got 1/);
    expect(() => evaluateLandmarks(head.template, head, {}, new Float64Array(3))).toThrow(
      /expected out of 0, got 3/,
    );
  });
});

import { rotationFromAxisAngle } from "@headform/core-math";
import type { SkinnedCoefficients, SkinnedModel } from "@headform/morphable-model";
import { uniform } from "./seeded-flame.ts";
import { syntheticHead } from "./synthetic-head.ts";

/**
 * A small seeded skinned model on the synthetic head: 162 vertices, 6 shapes, 4 expressions, joints
 * root, neck, jaw and leftEye that all vertices follow, and eyelids.
 */
export function skinnedHead(): SkinnedModel {
  const head = syntheticHead(2);
  const vertexCount = head.mean.length / 3;
  const signed = (seed: number, count: number, size: number): Float32Array =>
    Float32Array.from(uniform(seed, count), (u) => (2 * u - 1) * size);
  const positive = (seed: number, rows: number, columns: number): Float32Array => {
    const all = uniform(seed, rows * columns);
    return Float32Array.from(all, (value, i) => {
      const first = i - (i % columns);
      return value / all.subarray(first, first + columns).reduce((sum, u) => sum + u);
    });
  };
  return {
    kind: "skinned",
    name: "skinned",
    version: "1",
    licence: "MIT",
    unit: "m",
    template: head.mean,
    indices: head.indices,
    shapeBasis: head.shapeBasis,
    shapeStandardDeviations: head.shapeStandardDeviations,
    expressionBasis: head.expressionBasis,
    expressionStandardDeviations: head.expressionStandardDeviations,
    expressionNames: head.expressionNames,
    poseBasis: signed(11, 27 * head.mean.length, 0.002),
    jointRegressor: positive(12, 4, vertexCount),
    skinningWeights: positive(13, vertexCount, 4),
    parents: Int32Array.of(-1, 0, 1, 1),
    jointNames: ["root", "neck", "jaw", "leftEye"],
    eyelids: signed(14, 2 * head.mean.length, 0.002),
  };
}

/** The published equations as they stand, in double precision: what the tests believe. */
export function evaluatePlainly(
  model: SkinnedModel,
  coefficients: SkinnedCoefficients,
): Float64Array {
  const size = model.template.length;
  const vertexCount = size / 3;
  const joints = model.parents.length;
  const at = (list: ArrayLike<number> | undefined, i: number): number =>
    list && i < list.length ? list[i] : 0;
  const add = (to: Float64Array, basis: Float32Array, list: ArrayLike<number> | undefined) => {
    for (let i = 0; i < basis.length; i++)
      to[i % size] += at(list, Math.floor(i / size)) * basis[i];
  };
  const shaped = Float64Array.from(model.template);
  add(shaped, model.shapeBasis, coefficients.shape);
  add(shaped, model.expressionBasis, coefficients.expression);
  const place = Array.from({ length: joints }, (_, j) =>
    [0, 1, 2].map((axis) => {
      let sum = 0;
      for (let v = 0; v < vertexCount; v++) {
        sum += model.jointRegressor[j * vertexCount + v] * shaped[3 * v + axis];
      }
      return sum;
    }),
  );
  const rotations = place.map((_, j) =>
    rotationFromAxisAngle([0, 1, 2].map((i) => at(coefficients.pose, 3 * j + i))),
  );
  const feature = rotations
    .slice(1)
    .flatMap((r) => [...r].map((value, i) => value - (i % 4 === 0 ? 1 : 0)));
  add(shaped, model.poseBasis, feature);
  // A vertex goes up the chain from its joint: turned about each joint on the way to the root.
  const out = new Float64Array(size);
  for (let v = 0; v < vertexCount; v++) {
    for (let j = 0; j < joints; j++) {
      let x = [...shaped.subarray(3 * v, 3 * v + 3)];
      for (let turn = j; turn >= 0; turn = model.parents[turn]) {
        const [r, center] = [rotations[turn], place[turn]];
        const arm = x.map((value, axis) => value - center[axis]);
        x = center.map(
          (value, i) => value + r[3 * i] * arm[0] + r[3 * i + 1] * arm[1] + r[3 * i + 2] * arm[2],
        );
      }
      for (let axis = 0; axis < 3; axis++) {
        out[3 * v + axis] += model.skinningWeights[v * joints + j] * x[axis];
      }
    }
  }
  if (model.eyelids) add(out, model.eyelids, coefficients.eyelids);
  return out;
}

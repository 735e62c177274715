import { readFileSync } from "node:fs";
import { createRandom } from "@headform/core-math";
import { type PcaModel, readHead, type SkinnedModel } from "@headform/morphable-model";

/** The open head itself. */
export function openHead(): PcaModel {
  return readHead(
    readFileSync(new URL("../../../open-head/data/head.safetensors", import.meta.url)),
  );
}

/**
 * The open head made over into a skinned model of another mesh: vertices a little beside the
 * original ones and in another order, in millimeters; 40 shapes, 51 expressions, and for the one
 * that opens the jaw a joint. The 68 landmarks keep to their skin.
 */
export function skinnedOpenHead(head: PcaModel): SkinnedModel {
  const vertexCount = head.mean.length / 3;
  // 1. Each vertex moves a third of the way into its first triangle; the order is turned round.
  const first = new Int32Array(vertexCount).fill(-1);
  head.indices.forEach((vertex, i) => {
    if (first[vertex] < 0) first[vertex] = i;
  });
  const resample = (list: Float32Array, scale: number): Float32Array => {
    const out = new Float32Array(list.length);
    for (let at = 0; at < list.length; at += head.mean.length) {
      for (let v = 0; v < vertexCount; v++) {
        const corner = first[v];
        const start = corner - (corner % 3);
        for (let axis = 0; axis < 3; axis++) {
          let sum = 0;
          for (let c = 0; c < 3; c++) {
            const weight = start + c === corner ? 0.7 : 0.15;
            sum += weight * list[at + 3 * head.indices[start + c] + axis];
          }
          out[at + 3 * (vertexCount - 1 - v) + axis] = scale * sum;
        }
      }
    }
    return out;
  };
  const size = head.mean.length;
  const jawOpen = head.expressionNames.indexOf("jawOpen");
  const without = (list: Float32Array, length: number): Float32Array =>
    Float32Array.from([
      ...list.subarray(0, jawOpen * length),
      ...list.subarray((jawOpen + 1) * length),
    ]);
  // 2. The jaw turns what jawOpen moves, about an axis through the ears.
  const skinningWeights = new Float32Array(4 * vertexCount);
  const lengths = Float64Array.from({ length: vertexCount }, (_, v) =>
    Math.hypot(
      ...head.expressionBasis.subarray(jawOpen * size + 3 * v, jawOpen * size + 3 * v + 3),
    ),
  );
  const greatest = lengths.reduce((most, length) => Math.max(most, length));
  for (let v = 0; v < vertexCount; v++) {
    const jaw = Math.min(1, (1.2 * lengths[v]) / greatest);
    skinningWeights.set([1 - jaw, 0, jaw, 0], 4 * (vertexCount - 1 - v));
  }
  const jointRegressor = new Float32Array(4 * vertexCount);
  const near = (x: number, y: number, z: number): number => {
    let [best, least] = [0, Number.POSITIVE_INFINITY];
    for (let v = 0; v < vertexCount; v++) {
      const d = Math.hypot(
        head.mean[3 * v] - x,
        head.mean[3 * v + 1] - y,
        head.mean[3 * v + 2] - z,
      );
      if (d < least) [best, least] = [v, d];
    }
    return vertexCount - 1 - best;
  };
  jointRegressor[near(0, -0.14, -0.03)] = 1;
  jointRegressor[vertexCount + near(0, -0.1, -0.03)] = 1;
  jointRegressor[2 * vertexCount + near(-0.07, 0, 0.01)] = 0.5;
  jointRegressor[2 * vertexCount + near(0.07, 0, 0.01)] = 0.5;
  jointRegressor[3 * vertexCount + near(0.032, 0.03, 0.08)] = 1;
  return {
    kind: "skinned",
    name: "skinned open head",
    version: "1",
    licence: "MIT",
    unit: "mm",
    template: resample(head.mean, 1000),
    indices: head.indices.map((vertex) => vertexCount - 1 - vertex),
    shapeBasis: resample(head.shapeBasis.subarray(0, 40 * size), 1000),
    shapeStandardDeviations: head.shapeStandardDeviations.slice(0, 40),
    expressionBasis: resample(without(head.expressionBasis, size), 1000),
    expressionStandardDeviations: without(head.expressionStandardDeviations, 1),
    expressionNames: head.expressionNames.filter((_, k) => k !== jawOpen),
    expressionRange: [0, 1],
    poseBasis: new Float32Array(27 * size),
    jointRegressor,
    skinningWeights,
    parents: Int32Array.of(-1, 0, 1, 1),
    jointNames: ["root", "neck", "jaw", "leftEye"],
    landmarks: {
      static: { triangles: head.landmarkTriangles, barycentrics: head.landmarkBarycentrics },
    },
  };
}

/** A person: seeded shape of the given spread, and some named expressions. */
export function person(
  head: Pick<PcaModel, "shapeStandardDeviations" | "expressionNames">,
  seed: number,
  expressions: Readonly<Record<string, number>> = {},
): { shape: Float64Array; expression: Float64Array } {
  const random = createRandom(seed);
  return {
    shape: Float64Array.from(head.shapeStandardDeviations, (sigma) => sigma * random.normal()),
    expression: Float64Array.from(head.expressionNames, (name) => expressions[name] ?? 0),
  };
}

/** Root mean square distance between points [N×3]. */
export function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let squared = 0;
  for (let i = 0; i < a.length; i++) squared += (a[i] - b[i]) ** 2;
  return Math.sqrt((3 * squared) / a.length);
}

/** The skinned open head with eyelids in the place of the two expressions that blink. */
export function liddedOpenHead(head: PcaModel): SkinnedModel {
  const skin = skinnedOpenHead(head);
  const size = skin.template.length;
  const expressionBasis = skin.expressionBasis.slice();
  const eyelids = new Float32Array(2 * size);
  ["eyeBlinkLeft", "eyeBlinkRight"].forEach((name, side) => {
    const at = size * skin.expressionNames.indexOf(name);
    eyelids.set(expressionBasis.subarray(at, at + size), side * size);
    expressionBasis.fill(0, at, at + size);
  });
  return { ...skin, expressionBasis, eyelids };
}

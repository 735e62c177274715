import { createRandom } from "@headform/core-math";
import type { PcaModel } from "@headform/morphable-model";

/** What a Basel model covers; neck, eyeballs, teeth and the mouth's inside it does not have. */
const COVERED = /^(?:faceSkin|lips|eyelids|ears|scalp)$/;

/** Where its origin lies in the open head's frame, in millimeters. */
export const ORIGIN: readonly number[] = [3, -20, 40];

/**
 * The open head made over into the likes of a Basel model: in millimeters about another origin,
 * the outer skin alone with four triangles for each, no landmarks, no names, and principal components
 * that are each a mix of all of the head's, of standard deviation 1.
 */
export function baselHead(head: PcaModel): PcaModel {
  const { indices, corners } = subdivideSkin(head);
  const resample = (list: Float32Array): Float32Array => {
    const count = corners.length / 2;
    const out = new Float32Array((list.length / head.mean.length) * 3 * count);
    for (let k = 0; k * 3 * count < out.length; k++) {
      for (let v = 0; v < count; v++) {
        const [a, b] = [corners[2 * v], corners[2 * v + 1]];
        for (let axis = 0; axis < 3; axis++) {
          const at = k * head.mean.length + axis;
          out[3 * (k * count + v) + axis] = 500 * (list[at + 3 * a] + list[at + 3 * b]);
        }
      }
    }
    return out;
  };
  return {
    kind: "pca",
    name: "the likes of Basel",
    version: "1",
    licence: "MIT",
    unit: "mm",
    mean: resample(head.mean).map((x, i) => x - ORIGIN[i % 3]),
    indices,
    shapeBasis: mixBasis(resample(head.shapeBasis), head.shapeStandardDeviations),
    shapeStandardDeviations: head.shapeStandardDeviations.map(() => 1),
    expressionBasis: mixBasis(resample(head.expressionBasis), head.expressionStandardDeviations),
    expressionStandardDeviations: head.expressionStandardDeviations.map(() => 1),
    expressionNames: head.expressionNames.map((_, k) => `expression ${k}`),
    landmarkTriangles: new Uint32Array(0),
    landmarkBarycentrics: new Float32Array(0),
  };
}

/** The open head's coefficients as those of `baselHead`. */
export function asBasel(
  head: PcaModel,
  coefficients: { readonly shape: Float64Array; readonly expression: Float64Array },
): { shape: Float64Array; expression: Float64Array } {
  const normalized = (list: Float64Array, sigmas: Float32Array): Float64Array =>
    list.map((value, k) => value / sigmas[k]);
  return {
    shape: reflect(normalized(coefficients.shape, head.shapeStandardDeviations)),
    expression: reflect(normalized(coefficients.expression, head.expressionStandardDeviations)),
  };
}

/** The covered triangles cut in four; each vertex lies halfway between two of the head's (or one). */
function subdivideSkin(head: PcaModel): { indices: Uint32Array; corners: number[] } {
  const covered = Uint8Array.from(head.regions!, (region) =>
    COVERED.test(head.regionNames![region]) ? 1 : 0,
  );
  const places = new Map<string, number>();
  const corners: number[] = [];
  const between = (a: number, b: number): number => {
    const key = a < b ? `${a} ${b}` : `${b} ${a}`;
    const place = places.get(key) ?? places.size;
    if (place === places.size) {
      places.set(key, place);
      corners.push(a, b);
    }
    return place;
  };
  const indices: number[] = [];
  for (let t = 0; t < head.indices.length; t += 3) {
    const [a, b, c] = head.indices.subarray(t, t + 3);
    if (!covered[a] || !covered[b] || !covered[c]) continue;
    const [ab, bc, ca] = [between(a, b), between(b, c), between(c, a)];
    const [aa, bb, cc] = [between(a, a), between(b, b), between(c, c)];
    indices.push(aa, ab, ca, ab, bb, bc, ca, bc, cc, ab, bc, ca);
  }
  return { indices: Uint32Array.from(indices), corners };
}

/** The seeded unit vector whose mirror mixes the components: an orthonormal change of basis. */
function mirrorOf(count: number): Float64Array {
  const random = createRandom(60);
  const axis = Float64Array.from({ length: count }, () => random.normal());
  const length = Math.hypot(...axis);
  return axis.map((x) => x / length);
}

/** c − 2(n·c)n, its own inverse. */
function reflect(list: Float64Array, mirror: Float64Array = mirrorOf(list.length)): Float64Array {
  const along = list.reduce((sum, value, k) => sum + value * mirror[k], 0);
  return list.map((value, k) => value - 2 * along * mirror[k]);
}

function mixBasis(basis: Float32Array, sigmas: Float32Array): Float32Array {
  const size = basis.length / sigmas.length;
  const mirror = mirrorOf(sigmas.length);
  const out = new Float32Array(basis.length);
  for (let i = 0; i < size; i++) {
    const column = Float64Array.from(sigmas, (sigma, k) => sigma * basis[k * size + i]);
    reflect(column, mirror).forEach((value, k) => {
      out[k * size + i] = value;
    });
  }
  return out;
}

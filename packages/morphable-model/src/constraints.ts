import type { PcaModel } from "./pca-model.ts";

/**
 * Dense maps of a face: per pixel the point of the mean head that is seen there (PNCC) and its
 * displacement on this head (offset). The maps of `@headform/networks` and of
 * `@headform/raster` fit.
 */
export interface CorrespondenceMaps {
  readonly width: number;
  readonly height: number;
  /** [H×W×3] point on the mean head, model frame and unit. */
  readonly pncc: Float32Array;
  /** [H×W×3] displacement from the mean head, model frame and unit. */
  readonly offset: Float32Array;
  /** [H×W] how surely the face is seen, 0…1. */
  readonly visible: Float32Array;
}

/**
 * Points of the head's surface that were found in an image: point i is
 * `Σ barycentrics[i,p]·X[vertices[i,p]]`, with P = 1 (a vertex) or P = 3 (a point on a triangle).
 */
export interface Constraints {
  /** [N×P] vertices that carry each point. */
  readonly vertices: Uint32Array;
  /** [N×3] barycentric coordinates; absent: P = 1. */
  readonly barycentrics?: Float64Array;
  /** [N×2] where the point is seen, pixels. */
  readonly pixels: Float64Array;
  /** [N×3] displacement of the point from the mean head. */
  readonly offsets: Float64Array;
  /** [N] relative weight. */
  readonly weights: Float64Array;
}

/** Rows of the model at the constraints' points: the mean [N×3] and the basis [3N×K]. */
export interface ConstraintRows {
  readonly count: number;
  readonly columns: number;
  readonly mean: Float64Array;
  readonly basis: Float64Array;
}

/** Modes gathered at a time. */
const MODES = 8;

/** Gathers mean and basis at the points; columns are `shapeCount` shapes, then all expressions. */
export function gatherRows(
  model: PcaModel,
  constraints: Constraints,
  shapeCount: number,
): ConstraintRows {
  const corners = constraints.barycentrics ? 3 : 1;
  const count = constraints.vertices.length / corners;
  const expressionCount = model.expressionStandardDeviations.length;
  const columns = shapeCount + expressionCount;
  const mean = new Float64Array(count * 3);
  const basis = new Float64Array(count * 3 * columns);
  const size = model.mean.length;
  for (let i = 0; i < corners * count; i++) {
    const weight = constraints.barycentrics?.[i] ?? 1;
    const row = 3 * Math.floor(i / corners);
    for (let axis = 0; axis < 3; axis++) {
      mean[row + axis] += weight * model.mean[3 * constraints.vertices[i] + axis];
    }
  }
  // Modes by the handful: their vertices stay in cache, and rows are written in whole lines.
  for (let first = 0; first < columns; first += MODES) {
    const last = Math.min(columns, first + MODES);
    for (let i = 0; i < corners * count; i++) {
      const weight = constraints.barycentrics?.[i] ?? 1;
      const point = 3 * Math.floor(i / corners);
      for (let axis = 0; axis < 3; axis++) {
        const row = (point + axis) * columns;
        const at = 3 * constraints.vertices[i] + axis;
        for (let k = first; k < last; k++) {
          basis[row + k] +=
            weight *
            (k < shapeCount
              ? model.shapeBasis[k * size + at]
              : model.expressionBasis[(k - shapeCount) * size + at]);
        }
      }
    }
  }
  return { count, columns, mean, basis };
}

/** Prior standard deviations of `shapeCount` shapes, then of all expressions. */
export function priorDeviations(model: PcaModel, shapeCount: number): Float64Array {
  const expressions = model.expressionStandardDeviations;
  const out = new Float64Array(shapeCount + expressions.length);
  out.set(model.shapeStandardDeviations.subarray(0, shapeCount));
  out.set(expressions, shapeCount);
  return out;
}

/** The caller's part of a fit checked; returns the number of points. */
export function checkConstraints(verb: string, model: PcaModel, constraints: Constraints): number {
  const corners = constraints.barycentrics ? 3 : 1;
  const count = constraints.weights.length;
  const lengths: [string, number, number][] = [
    ["vertices", constraints.vertices.length, count * corners],
    ["pixels", constraints.pixels.length, count * 2],
    ["offsets", constraints.offsets.length, count * 3],
    ["barycentrics", constraints.barycentrics?.length ?? 0, corners === 3 ? count * 3 : 0],
  ];
  for (const [name, got, expected] of lengths) {
    if (got !== expected) {
      throw new RangeError(`${verb}: expected ${expected} ${name}, got ${got}`);
    }
  }
  const vertexCount = model.mean.length / 3;
  for (const vertex of constraints.vertices) {
    if (vertex >= vertexCount) {
      throw new RangeError(`${verb}: expected vertices below ${vertexCount}, got ${vertex}`);
    }
  }
  return count;
}

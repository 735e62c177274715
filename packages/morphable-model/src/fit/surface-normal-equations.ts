import { createGramKernel, type GramKernel, gramMatrix } from "@headform/core-math";
import type { HeadMotion } from "./head-motion.ts";
import type { HeadUnknowns } from "./head-unknowns.ts";
import type { SurfaceEnergy } from "./surface-energy.ts";
import { SURFACE_CAMERA_UNKNOWNS, type SurfaceProblem } from "./surface-problem.ts";
import { ROWS_OF_VERTEX, writeSurfaceRows } from "./surface-rows.ts";

/**
 * Which unknowns an energy's matrix is over. What the data say of the last shapes and expressions is
 * little beside their prior: each of those has its own second derivative, and no part in the matrix.
 */
export interface SurfaceNormals {
  /** [M] the matrix' unknowns among all C + 9. */
  readonly columns: Uint32Array;
  /** [C + 9] second derivative by each unknown alone, of the head's. */
  readonly curvatures: Float64Array;
  readonly leading: HeadUnknowns;
  readonly kernel: GramKernel;
}

/** Share of its prior's second derivative from which on the data's earns an unknown a column. */
const TOLD = 0.1;
/** Vertices by which that is judged. */
const JUDGES = 120;

/**
 * Chooses the unknowns of the matrix, and makes room for it.
 *
 * @param representatives number of vertices that stand for all in {@link surfaceNormalMatrix}
 */
export function createSurfaceNormals(
  problem: SurfaceProblem,
  energy: SurfaceEnergy,
  motion: HeadMotion,
  representatives: number,
): SurfaceNormals {
  const { unknowns, precisions } = problem;
  const { shapeCount, expressionCount } = unknowns;
  // 1. Squares of a few rows.
  const stride = ROWS_OF_VERTEX * JUDGES;
  const rows = new Float32Array((unknowns.columns + SURFACE_CAMERA_UNKNOWNS) * stride);
  writeSurfaceRows({ rows, stride }, problem, energy, motion, unknowns);
  const data = Float64Array.from({ length: unknowns.columns }, (_, k) => {
    let sum = 0;
    for (let i = k * stride; i < (k + 1) * stride; i++) sum += rows[i] * rows[i];
    return sum;
  });
  // 2. Up to the last that is told.
  const told = (from: number, count: number): number => {
    let last = count;
    while (last > 0 && data[from + last - 1] < 2 * TOLD * precisions[from + last - 1]) last--;
    return last;
  };
  const shapes = told(0, shapeCount);
  const expressions = told(shapeCount, expressionCount);
  const columns = unknowns.columns - shapeCount - expressionCount + shapes + expressions;
  return {
    columns: Uint32Array.from({ length: columns + SURFACE_CAMERA_UNKNOWNS }, (_, i) => {
      if (i < shapes) return i;
      if (i < shapes + expressions) return i - shapes + shapeCount;
      return i - columns + unknowns.columns;
    }),
    curvatures: data.map((value, k) => value + 2 * precisions[k]),
    leading: { ...unknowns, shapeCount: shapes, expressionCount: expressions, columns },
    kernel: createGramKernel(columns + SURFACE_CAMERA_UNKNOWNS, ROWS_OF_VERTEX * representatives),
  };
}

/**
 * The Gauss–Newton matrix [M²] of the energy, where vertices stand for their neighbors in space, with
 * the weights of all. Pixel terms are lumped to the vertices, which bounds them from above. The
 * gradient stays that of everything, so steps lead to the same minimum; only their number depends on it.
 */
export function surfaceNormalMatrix(
  problem: SurfaceProblem,
  energy: SurfaceEnergy,
  motion: HeadMotion,
  { columns, leading, kernel }: SurfaceNormals,
): Float64Array {
  const { free, precisions } = problem;
  const size = columns.length;
  writeSurfaceRows(kernel, problem, energy, motion, leading);
  const matrix = gramMatrix(kernel);
  for (let i = 0; i < size; i++) {
    matrix[i * (size + 1)] += 2 * precisions[columns[i]];
    if (i < leading.columns || free[i - leading.columns] === 1) continue;
    for (let j = 0; j < size; j++) {
      matrix[i * size + j] = 0;
      matrix[j * size + i] = 0;
    }
    matrix[i * (size + 1)] = 1;
  }
  return matrix;
}

import {
  choleskyFactor,
  choleskySolve,
  solveLeastSquares,
  symmetricRankK,
} from "@headform/core-math";
import { type Constraints, checkConstraints, gatherRows } from "../constraints.ts";
import { MorphableModelError } from "../morphable-model-error.ts";
import type { PcaModel } from "../pca-model.ts";

/** Options of {@link fitCoefficientsJointly}. */
export interface FitCoefficientsJointlyOptions {
  /**
   * Displacement that weighs as much as one prior standard deviation of a coefficient, in the
   * model's unit. 0.025 mm unless told, as in `fitCoefficients`.
   */
  readonly regularization?: number;
  /** Number of leading shape coefficients solved for; all unless told. */
  readonly shapeCount?: number;
}

/** One shape for all images, an expression for each. */
export interface JointCoefficients {
  /** [Ks] shape coefficients, 0 beyond `shapeCount`. */
  readonly shape: Float64Array;
  /** One [Ke] list of expression coefficients per image. */
  readonly expressions: readonly Float64Array[];
  /** Weighted root mean square of `|A s + B e − offset|` per image, in the model's unit. */
  readonly residuals: readonly number[];
  /** How it was solved: see `solveLeastSquares` of `@headform/core-math`. */
  readonly method: "cholesky" | "qr" | "svd";
}

/**
 * One shape and an expression per image from the offsets of localized points in all images of a
 * person, in one linear system:
 * `min Σₙ Σᵢ wₙᵢ|Aₙᵢs + Bₙᵢeₙ − oₙᵢ|² + λ²(Σ (sₖ/σₖ)² + Σₙ Σ (eₙₖ/σₖ)²)`.
 *
 * With one image this is equation 4. Expressions of different images meet only in the shape, so the
 * normal equations are solved block by block at a cost linear in the images; where they would lose
 * more than half of the digits, QR (or SVD) of the whole system takes over.
 *
 * @param model the morphable model
 * @param images localized points of each image, together N ≥ 10
 * @param options regularization λ and number of shapes
 * @throws RangeError without an image, for lengths or vertices that do not fit the model, or a bad
 *   option
 * @throws MorphableModelError "too-few-constraints" below 10 points in all
 * @see Pix2Face, section 3.4, equations 4 and 5
 */
export function fitCoefficientsJointly(
  model: PcaModel,
  images: readonly Constraints[],
  options: FitCoefficientsJointlyOptions = {},
): JointCoefficients {
  const verb = "fitCoefficientsJointly";
  const lambda = options.regularization ?? 2.5e-5 * (model.unit === "mm" ? 1000 : 1);
  const shapeTotal = model.shapeStandardDeviations.length;
  const shapeCount = options.shapeCount ?? shapeTotal;
  if (images.length === 0) throw new RangeError(`${verb}: expected at least 1 image, got 0`);
  if (!(lambda >= 0 && lambda < Infinity)) {
    throw new RangeError(`${verb}: expected regularization ≥ 0, got ${lambda}`);
  }
  if (!(Number.isInteger(shapeCount) && shapeCount >= 0 && shapeCount <= shapeTotal)) {
    throw new RangeError(`${verb}: expected shapeCount in 0…${shapeTotal}, got ${shapeCount}`);
  }
  let total = 0;
  for (const constraints of images) total += checkConstraints(verb, model, constraints);
  if (total < 10) {
    throw new MorphableModelError(
      "too-few-constraints",
      `${verb}: expected at least 10 points in all images, got ${total}`,
    );
  }
  const blocks = images.map((constraints) => weighedBlock(model, constraints, shapeCount));
  const expressionCount = model.expressionStandardDeviations.length;
  const shapePull = pull(lambda, model.shapeStandardDeviations.subarray(0, shapeCount));
  const expressionPull = pull(lambda, model.expressionStandardDeviations);
  const exact = solveBlocks(blocks, shapePull, expressionPull);
  const { solution, method } = exact
    ? { solution: exact, method: "cholesky" as const }
    : solveWhole(blocks, shapePull, expressionPull);
  const shape = new Float64Array(shapeTotal);
  shape.set(solution.subarray(0, shapeCount));
  const expressions = blocks.map((_, n) => {
    const at = shapeCount + n * expressionCount;
    return solution.slice(at, at + expressionCount);
  });
  const residuals = blocks.map((block, n) => residualOf(block, solution, expressions[n]));
  return { shape, expressions, residuals, method };
}

/** Rows of one image, each scaled by the root of its weight: [A B] and the offsets. */
interface Block {
  readonly rows: number;
  readonly columns: number;
  readonly matrix: Float64Array;
  readonly rhs: Float64Array;
  readonly weight: number;
}

function weighedBlock(model: PcaModel, constraints: Constraints, shapeCount: number): Block {
  const { basis, columns, count } = gatherRows(model, constraints, shapeCount);
  const rhs = new Float64Array(3 * count);
  let total = 0;
  for (let i = 0; i < count; i++) {
    const weight = Math.sqrt(constraints.weights[i]);
    total += constraints.weights[i];
    for (let row = 3 * i; row < 3 * i + 3; row++) {
      rhs[row] = weight * constraints.offsets[row];
      for (let k = 0; k < columns; k++) basis[row * columns + k] *= weight;
    }
  }
  return { rows: 3 * count, columns, matrix: basis, rhs, weight: total };
}

/** λ/σ of each coefficient. */
function pull(lambda: number, deviations: Float32Array): Float64Array {
  return Float64Array.from(deviations, (sigma) => lambda / sigma);
}

/** Smallest squared pivot that Cholesky is trusted with: that of `solveLeastSquares`. */
const SMALLEST_PIVOT = 1e-8;

/**
 * Normal equations by block elimination: each image's expressions first, then the shape. The pivots
 * are those of the whole matrix, scaled to a unit diagonal; `undefined` where one is too small.
 */
function solveBlocks(
  blocks: readonly Block[],
  shapePull: Float64Array,
  expressionPull: Float64Array,
): Float64Array | undefined {
  const s = shapePull.length;
  const e = expressionPull.length;
  const size = s + e;
  // 1. Normal matrix and right-hand side of each image; the diagonal of the whole.
  const normals = blocks.map((block) => symmetricRankK(block.matrix, block.rows, size));
  const rights = blocks.map(({ matrix, rhs, rows }) => {
    const out = new Float64Array(size);
    for (let row = 0; row < rows; row++) {
      for (let k = 0; k < size; k++) out[k] += matrix[row * size + k] * rhs[row];
    }
    return out;
  });
  const scale = new Float64Array(s + blocks.length * e);
  for (let k = 0; k < s; k++) {
    let diagonal = shapePull[k] ** 2;
    for (const normal of normals) diagonal += normal[k * (size + 1)];
    scale[k] = 1 / Math.sqrt(diagonal);
  }
  for (let n = 0; n < blocks.length; n++) {
    for (let k = 0; k < e; k++) {
      const diagonal = normals[n][(s + k) * (size + 1)] + expressionPull[k] ** 2;
      scale[s + n * e + k] = 1 / Math.sqrt(diagonal);
    }
  }
  if (!scale.every(Number.isFinite)) return undefined;
  // 2. Shape's block S = Σ (AᵀA − AᵀB(BᵀB)⁻¹BᵀA), scaled.
  const reduced = new Float64Array(s * s);
  const right = new Float64Array(s);
  for (let k = 0; k < s; k++) reduced[k * (s + 1)] = (shapePull[k] * scale[k]) ** 2;
  const factors: Float64Array[] = [];
  const crosses: Float64Array[] = [];
  for (let n = 0; n < blocks.length; n++) {
    const at = (k: number): number => (k < s ? scale[k] : scale[s + n * e + (k - s)]);
    const entry = (i: number, j: number): number => normals[n][i * size + j] * at(i) * at(j);
    const own = new Float64Array(e * e);
    for (let i = 0; i < e; i++) {
      for (let j = 0; j < e; j++) own[i * e + j] = entry(s + i, s + j);
      own[i * (e + 1)] += (expressionPull[i] * at(s + i)) ** 2;
    }
    const factor = choleskyFactor(own, e);
    if (!factor || !trusted(factor, e)) return undefined;
    // L⁻¹Bᵀ[A | b], column by column.
    const cross = new Float64Array(e * (s + 1));
    for (let i = 0; i < e; i++) {
      for (let j = 0; j <= s; j++) {
        let value = j < s ? entry(s + i, j) : rights[n][s + i] * at(s + i);
        for (let m = 0; m < i; m++) value -= factor[i * e + m] * cross[m * (s + 1) + j];
        cross[i * (s + 1) + j] = value / factor[i * (e + 1)];
      }
    }
    const product = symmetricRankK(cross, e, s + 1);
    for (let i = 0; i < s; i++) {
      for (let j = 0; j < s; j++) reduced[i * s + j] += entry(i, j) - product[i * (s + 1) + j];
      right[i] += rights[n][i] * at(i) - product[i * (s + 1) + s];
    }
    factors.push(factor);
    crosses.push(cross);
  }
  // 3. The shape, then each image's expression.
  const solution = new Float64Array(s + blocks.length * e);
  if (s > 0) {
    const factor = choleskyFactor(reduced, s);
    if (!factor || !trusted(factor, s)) return undefined;
    solution.set(choleskySolve(factor, s, right));
  }
  for (let n = 0; n < blocks.length; n++) {
    // Back substitution of Lᵀe = L⁻¹Bᵀb − L⁻¹BᵀA·s.
    const cross = crosses[n];
    const factor = factors[n];
    const start = s + n * e;
    for (let i = e - 1; i >= 0; i--) {
      let value = cross[i * (s + 1) + s];
      for (let j = 0; j < s; j++) value -= cross[i * (s + 1) + j] * solution[j];
      for (let m = i + 1; m < e; m++) value -= factor[m * e + i] * solution[start + m];
      solution[start + i] = value / factor[i * (e + 1)];
    }
  }
  return solution.map((value, k) => value * scale[k]);
}

function trusted(factor: Float64Array, n: number): boolean {
  for (let i = 0; i < n; i++) if (!(factor[i * (n + 1)] ** 2 > SMALLEST_PIVOT)) return false;
  return true;
}

/** Equation 5 as it stands in the paper: one matrix, blocks of expressions along the diagonal. */
function solveWhole(
  blocks: readonly Block[],
  shapePull: Float64Array,
  expressionPull: Float64Array,
): { solution: Float64Array; method: "cholesky" | "qr" | "svd" } {
  const s = shapePull.length;
  const e = expressionPull.length;
  const cols = s + blocks.length * e;
  const rows = blocks.reduce((sum, block) => sum + block.rows, 0);
  const matrix = new Float64Array(rows * cols);
  const rhs = new Float64Array(rows);
  let first = 0;
  blocks.forEach((block, n) => {
    for (let row = 0; row < block.rows; row++) {
      const from = row * block.columns;
      const to = (first + row) * cols;
      matrix.set(block.matrix.subarray(from, from + s), to);
      matrix.set(block.matrix.subarray(from + s, from + s + e), to + s + n * e);
    }
    rhs.set(block.rhs, first);
    first += block.rows;
  });
  const tikhonov = new Float64Array(cols);
  tikhonov.set(shapePull);
  for (let n = 0; n < blocks.length; n++) tikhonov.set(expressionPull, s + n * e);
  return solveLeastSquares({ matrix, rows, cols, rhs, tikhonov });
}

function residualOf(
  { rows, columns, matrix, rhs, weight }: Block,
  solution: Float64Array,
  expression: Float64Array,
): number {
  const s = columns - expression.length;
  let squared = 0;
  for (let row = 0; row < rows; row++) {
    let value = -rhs[row];
    for (let k = 0; k < s; k++) value += matrix[row * columns + k] * solution[k];
    for (let k = s; k < columns; k++) value += matrix[row * columns + k] * expression[k - s];
    squared += value * value;
  }
  return weight > 0 ? Math.sqrt(squared / weight) : 0;
}

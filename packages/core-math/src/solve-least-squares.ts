import { Matrix, QrDecomposition, SingularValueDecomposition } from "ml-matrix";
import { checkCount, checkFinite, checkLength } from "./check-array.ts";
import { choleskyFactor, choleskySolve } from "./cholesky.ts";
import { symmetricRankK } from "./symmetric-rank-k.ts";

export interface LeastSquaresProblem {
  /** [rows×cols] A, row-major. */
  readonly matrix: Float64Array | Float32Array;
  readonly rows: number;
  readonly cols: number;
  /** [rows] b. */
  readonly rhs: ArrayLike<number>;
  /** [cols] t, the weight that pulls each unknown to zero (1/σ for a prior N(0, σ²)). */
  readonly tikhonov?: ArrayLike<number>;
}

export interface LeastSquaresSolution {
  /** [cols] x. */
  readonly solution: Float64Array;
  /**
   * The way that was good enough: "cholesky" of the normal equations; "qr" of A where those would
   * lose more than half of the digits; "svd", the shortest of all minimizers, where A lacks rank.
   */
  readonly method: "cholesky" | "qr" | "svd";
}

/**
 * Smallest squared pivot, of the normal matrix scaled to a unit diagonal, that Cholesky is trusted
 * with. It is about 1/cond², so the normal equations keep at least 8 of 16 digits above it.
 */
const SMALLEST_PIVOT = 1e-8;
/** Singular values below this fraction of the largest are taken as zero. */
const RANK_TOLERANCE = 1e-13;

/**
 * Solves linear least squares with Tikhonov weights: min |A·x − b|² + Σ tᵢ²·xᵢ².
 *
 * @param problem A [rows×cols], b [rows] and optional t [cols]
 * @returns x [cols] and the method that was used
 * @throws RangeError when lengths disagree, `cols` is 0, or a number is not finite
 */
export function solveLeastSquares(problem: LeastSquaresProblem): LeastSquaresSolution {
  const { matrix, rows, cols, rhs, tikhonov } = problem;
  checkCount("solveLeastSquares", "rows", rows, 0);
  checkCount("solveLeastSquares", "cols", cols, 1);
  checkLength("solveLeastSquares", "matrix", matrix, rows * cols);
  checkLength("solveLeastSquares", "rhs", rhs, rows);
  checkFinite("solveLeastSquares", "matrix", matrix);
  checkFinite("solveLeastSquares", "rhs", rhs);
  if (tikhonov) {
    checkLength("solveLeastSquares", "tikhonov", tikhonov, cols);
    checkFinite("solveLeastSquares", "tikhonov", tikhonov);
  }
  const solution = solveNormalEquations(problem);
  return solution ? { solution, method: "cholesky" } : solveDense(problem);
}

/** (AᵀA + diag(t²))·x = Aᵀb, or `undefined` where that is too ill-conditioned. */
function solveNormalEquations(problem: LeastSquaresProblem): Float64Array | undefined {
  const { matrix, rows, cols, rhs, tikhonov } = problem;
  const normal = symmetricRankK(matrix, rows, cols);
  const right = new Float64Array(cols);
  for (let r = 0; r < rows; r++) {
    const b = rhs[r];
    for (let c = 0; c < cols; c++) right[c] += matrix[r * cols + c] * b;
  }
  if (tikhonov) for (let i = 0; i < cols; i++) normal[i * cols + i] += tikhonov[i] * tikhonov[i];
  // Columns of any unit: scaled to a unit diagonal, the pivots tell how dependent columns are.
  const scale = new Float64Array(cols);
  for (let i = 0; i < cols; i++) {
    const diagonal = normal[i * cols + i];
    if (!(diagonal > 0) || !Number.isFinite(diagonal)) return undefined;
    scale[i] = 1 / Math.sqrt(diagonal);
  }
  for (let i = 0; i < cols; i++) {
    for (let j = 0; j < cols; j++) normal[i * cols + j] *= scale[i] * scale[j];
    right[i] *= scale[i];
  }
  const factor = choleskyFactor(normal, cols, normal);
  if (!factor) return undefined;
  for (let i = 0; i < cols; i++) {
    if (!(factor[i * cols + i] ** 2 > SMALLEST_PIVOT)) return undefined;
  }
  choleskySolve(factor, cols, right, right);
  for (let i = 0; i < cols; i++) right[i] *= scale[i];
  return right;
}

/** QR of [A; diag(t)], or the pseudo-inverse by SVD where that lacks rank. */
function solveDense(problem: LeastSquaresProblem): LeastSquaresSolution {
  const { matrix, rows, cols, rhs, tikhonov } = problem;
  const a = Matrix.zeros(rows + (tikhonov ? cols : 0), cols);
  const b = Matrix.zeros(a.rows, 1);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < cols; c++) a.set(r, c, matrix[r * cols + c]);
    b.set(r, 0, rhs[r]);
  }
  if (tikhonov) for (let c = 0; c < cols; c++) a.set(rows + c, c, tikhonov[c]);
  if (a.rows >= cols) {
    const qr = new QrDecomposition(a);
    const diagonal = qr.upperTriangularMatrix.diagonal().map(Math.abs);
    if (Math.min(...diagonal) > RANK_TOLERANCE * Math.max(...diagonal)) {
      return { solution: Float64Array.from(qr.solve(b).to1DArray()), method: "qr" };
    }
  }
  const solution = new Float64Array(cols);
  if (a.rows === 0) return { solution, method: "svd" };
  const svd = new SingularValueDecomposition(a, { autoTranspose: true });
  const { leftSingularVectors: u, rightSingularVectors: v, diagonal } = svd;
  for (let k = 0; k < diagonal.length; k++) {
    if (!(diagonal[k] > RANK_TOLERANCE * diagonal[0])) continue;
    let along = 0;
    for (let r = 0; r < a.rows; r++) along += u.get(r, k) * b.get(r, 0);
    for (let c = 0; c < cols; c++) solution[c] += (v.get(c, k) * along) / diagonal[k];
  }
  return { solution, method: "svd" };
}

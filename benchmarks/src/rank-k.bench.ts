import { choleskyFactor, createRandom, symmetricRankK } from "@headform/core-math";
import { CholeskyDecomposition, Matrix } from "ml-matrix";
import { medianMs } from "./median-ms.ts";
import type { Row } from "./row.ts";

const ROWS = 4000;
const COLUMNS = [100, 200, 415];

/** Normal equations of a model fit: JᵀJ of 4000 rows and its Cholesky factor, seed 1. */
export async function run(): Promise<Row[]> {
  const random = createRandom(1);
  const rows: Row[] = [];
  for (const n of COLUMNS) {
    const jacobian = Float64Array.from({ length: ROWS * n }, random.normal);
    let normal = new Float64Array(n * n);
    const product = medianMs(5, () => {
      normal = new Float64Array(symmetricRankK(jacobian, ROWS, n));
    });
    const factor = medianMs(5, () => choleskyFactor(normal, n));

    const matrix = Matrix.from1DArray(ROWS, n, jacobian as unknown as number[]);
    let other = new Matrix(0, 0);
    const otherProduct = medianMs(1, () => {
      other = matrix.transpose().mmul(matrix);
    });
    const otherFactor = medianMs(3, () => new CholeskyDecomposition(other));
    for (let i = 0; i < n; i++) {
      // 4000 products of size 1 in another order.
      if (Math.abs(other.get(i, 0) - normal[n * i]) > 1e-8) throw new Error("rank-k: disagreement");
    }

    const against = "ml-matrix 6.15.1";
    const row = (name: string, ours: number, theirs: number): Row => {
      return { bench: "rank-k", case: name, n, medianMs: ours, against, ratio: theirs / ours };
    };
    rows.push(
      row(`JᵀJ of ${ROWS} rows`, product, otherProduct),
      row("Cholesky", factor, otherFactor),
    );
  }
  return rows;
}

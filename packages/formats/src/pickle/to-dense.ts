import { countOf, type NdArray } from "../array/nd-array.ts";
import { toFloat64 } from "../array/to-float.ts";
import { FormatError } from "../format-error.ts";
import type { SparseMatrix } from "./pickle-value.ts";

/** Most elements a dense matrix may have unless the caller says otherwise: half a gigabyte. */
export const MAX_DENSE_ELEMENTS: number = 2 ** 26;

/**
 * The elements of a sparse matrix as doubles, row after row; equal places add up.
 *
 * @param matrix compressed columns or rows, or coordinates
 * @param maxElements most elements to make; a small file may claim a huge matrix
 * @throws {FormatError} when the matrix contradicts itself or has more elements than that
 */
export function toDense(matrix: SparseMatrix, maxElements: number = MAX_DENSE_ELEMENTS): NdArray {
  const [rowCount = 0, columnCount = 0] = matrix.shape;
  const count = countOf(matrix.shape);
  if (count > maxElements) throw broken(`${count} elements are over the limit of ${maxElements}`);
  const values = toFloat64(matrix.data);
  const { rows, columns } = placesOf(matrix, values.length, rowCount, columnCount);
  const data = new Float64Array(count);
  for (let k = 0; k < values.length; k++) {
    const row = rows[k]!;
    const column = columns[k]!;
    if (!(row >= 0 && row < rowCount && column >= 0 && column < columnCount)) {
      throw broken(`element ${k} lies at ${row}, ${column} of ${rowCount} × ${columnCount}`);
    }
    data[row * columnCount + column]! += values[k]!;
  }
  return { kind: "ndarray", dtype: "float64", shape: matrix.shape, data };
}

function placesOf(
  matrix: SparseMatrix,
  count: number,
  rowCount: number,
  columnCount: number,
): { rows: Float64Array; columns: Float64Array } {
  if (matrix.format === "coo") {
    const rows = toFloat64(matrix.rows);
    const columns = toFloat64(matrix.columns);
    if (rows.length !== count || columns.length !== count) throw broken("lengths differ");
    return { rows, columns };
  }
  const byColumn = matrix.format === "csc";
  const inner = toFloat64(matrix.indices);
  const outer = expandPointers(toFloat64(matrix.indptr), byColumn ? columnCount : rowCount, count);
  if (inner.length !== count) throw broken("data and indices differ in length");
  return byColumn ? { rows: inner, columns: outer } : { rows: outer, columns: inner };
}

/** The line of each element. */
function expandPointers(pointers: Float64Array, lines: number, count: number): Float64Array {
  if (pointers.length !== lines + 1 || pointers[0] !== 0 || pointers[lines] !== count) {
    throw broken(`indptr does not lead from 0 to ${count} over ${lines} lines`);
  }
  const expanded = new Float64Array(count);
  for (let line = 0; line < lines; line++) {
    const end = pointers[line + 1]!;
    if (!(end >= pointers[line]! && end <= count)) throw broken("indptr does not ascend");
    expanded.fill(line, pointers[line]!, end);
  }
  return expanded;
}

function broken(message: string): FormatError {
  return new FormatError("pickle", `pickle: sparse matrix: ${message}`);
}

import { isShape } from "../array/nd-array.ts";
import type { SparseMatrix } from "./pickle-value.ts";
import type { Recognizer } from "./recognize.ts";
import { isArray, type MutableObject, type VmValue } from "./vm-value.ts";

/** SciPy's sparse matrices and chumpy's arrays: objects whose attributes are arrays. */
export const SCIPY_RECOGNIZERS: readonly (readonly [string, Recognizer])[] = [
  ...sparse("csc", compressedOf("csc")),
  ...sparse("csr", compressedOf("csr")),
  ...sparse("coo", coordinateOf),
  ["chumpy.ch.Ch", chumpyOf],
  ["chumpy.Ch", chumpyOf],
];

/** SciPy has moved its modules once and has two classes of each format. */
function sparse(format: string, recognizer: Recognizer): [string, Recognizer][] {
  return [`scipy.sparse.${format}`, `scipy.sparse._${format}`, "scipy.sparse"].flatMap((module) => [
    [`${module}.${format}_matrix`, recognizer],
    [`${module}.${format}_array`, recognizer],
  ]);
}

function compressedOf(format: "csc" | "csr"): Recognizer {
  return ({ state }) => {
    if (!(state instanceof Map)) return undefined;
    const shape = shapeOf(state);
    const [data, indices, indptr] = ["data", "indices", "indptr"].map((name) => state.get(name));
    if (!shape || !isArray(data) || !isArray(indices) || !isArray(indptr)) return undefined;
    return { kind: "sparse", format, shape, data, indices, indptr } satisfies SparseMatrix;
  };
}

function coordinateOf({ state }: MutableObject): VmValue | undefined {
  if (!(state instanceof Map)) return undefined;
  const shape = shapeOf(state);
  const data = state.get("data");
  const coords = state.get("coords");
  const [rows, columns] = Array.isArray(coords) ? coords : [state.get("row"), state.get("col")];
  if (!shape || !isArray(data) || !isArray(rows) || !isArray(columns)) return undefined;
  return { kind: "sparse", format: "coo", shape, data, rows, columns };
}

function shapeOf(state: Map<VmValue, VmValue>): readonly number[] | undefined {
  const shape = state.get("_shape");
  return isShape(shape) && shape.length === 2 ? shape : undefined;
}

function chumpyOf({ state }: MutableObject): VmValue | undefined {
  const x = state instanceof Map ? state.get("x") : undefined;
  return isArray(x) ? { kind: "chumpy", x } : undefined;
}

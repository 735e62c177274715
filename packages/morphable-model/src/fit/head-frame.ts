import { rotationTangents } from "../rotation-tangents.ts";
import type { SkinnedWorkspace } from "../skinned-workspace.ts";
import type { HeadUnknowns } from "./head-unknowns.ts";

/** The frame of a skinned head above its turned neck. */
export interface HeadFrame {
  /** Vectors [N×3] of the model's frame in the head's. */
  readonly toHead: (vectors: Float64Array) => Float64Array;
  /** And back. */
  readonly toModel: (vectors: Float64Array) => Float64Array;
  /** [3×3] row c: the axis about which the frame turns with the neck's number c. */
  readonly axes: Float64Array;
  /** The neck's first column. */
  readonly column: number;
  /** Adds what the frame's turn does to normals [V×3] that have a gradient [V×3], model frame. */
  readonly addGradient: (
    gradient: Float64Array,
    normals: Float64Array,
    byNormal: Float64Array,
  ) => void;
}

/**
 * Predicted normals are those of the head as it sits on an unturned neck. Where the neck is among the
 * unknowns, normals are turned back by its rotation F: `n_head = Fᵀ·n`.
 */
export function headFrame(
  { model, joints, shapeCount, expressionCount }: HeadUnknowns,
  workspace: SkinnedWorkspace | undefined,
): HeadFrame | undefined {
  if (model.kind !== "skinned" || !workspace) return undefined;
  const neck = model.jointNames.indexOf("neck");
  const place = joints.indexOf(neck);
  if (neck < 0 || place < 0) return undefined;
  const at = 12 * neck;
  const f = Float64Array.from({ length: 9 }, (_, i) => {
    return workspace.chain[at + 4 * Math.floor(i / 3) + (i % 3)];
  });
  const own = rotationTangents(workspace.pose[neck], workspace.rotations[neck]).axes;
  const parent = model.parents[neck];
  const axes = Float64Array.from(own, (value, i) => {
    if (parent < 0) return value;
    const g = 12 * parent + 4 * (i % 3);
    const w = i - (i % 3);
    const { chain } = workspace;
    return chain[g] * own[w] + chain[g + 1] * own[w + 1] + chain[g + 2] * own[w + 2];
  });
  const column = shapeCount + expressionCount + 3 * place;
  return {
    toHead: (vectors) => turn(vectors, f, 1, 3),
    toModel: (vectors) => turn(vectors, f, 3, 1),
    axes,
    column,
    addGradient: (gradient, normals, byNormal) => {
      // d(Fᵀn) = Fᵀ(dn − ω × n), and g·(ω × n) = ω·(n × g).
      const moment = [0, 0, 0];
      for (let i = 0; i < normals.length; i += 3) {
        for (let axis = 0; axis < 3; axis++) {
          const [p, q] = [i + ((axis + 1) % 3), i + ((axis + 2) % 3)];
          moment[axis] += normals[p] * byNormal[q] - normals[q] * byNormal[p];
        }
      }
      for (let c = 0; c < 3; c++) {
        for (let axis = 0; axis < 3; axis++) {
          gradient[column + c] -= axes[3 * c + axis] * moment[axis];
        }
      }
    },
  };
}

/** F or Fᵀ times each vector: entry (i, j) of the matrix lies at i·row + j·column. */
function turn(vectors: Float64Array, f: Float64Array, column: number, row: number): Float64Array {
  const out = new Float64Array(vectors.length);
  for (let i = 0; i < vectors.length; i += 3) {
    for (let axis = 0; axis < 3; axis++) {
      out[i + axis] =
        f[axis * column] * vectors[i] +
        f[axis * column + row] * vectors[i + 1] +
        f[axis * column + 2 * row] * vectors[i + 2];
    }
  }
  return out;
}

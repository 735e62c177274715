import { evaluate } from "../evaluate.ts";
import { evaluateJacobian, jointShifts, skinVertices } from "../evaluate-jacobian.ts";
import type { SkinnedModel } from "../skinned-model.ts";
import type { SkinnedWorkspace } from "../skinned-workspace.ts";
import { type HeadUnknowns, headOf } from "./head-unknowns.ts";

/** How all vertices of a head move with its unknowns, at one value of them. */
export interface HeadMotion {
  readonly unknowns: HeadUnknowns;
  /** [V×3] */
  readonly positions: Float32Array;
  /** [V×3×3] what turns a blendshape's displacement; absent: nothing does. */
  readonly matrices?: Float64Array;
  /** What shapes and expressions do by moving the joints that turn. */
  readonly shifts?: JointShifts;
  /** [3V×P] by the unknowns behind shapes and expressions. */
  readonly poseColumns: Float64Array;
  readonly poseCount: number;
}

interface JointShifts {
  /** Joints that are turned: the others' shifts are 0. */
  readonly joints: readonly number[];
  /** [K×J×3] */
  readonly shape: Float64Array;
  readonly expression: Float64Array;
}

/** Sparse rows over vertices: row r is Σ vectors[i]·dX[vertices[i]], starts[r] ≤ i < starts[r + 1]. */
export interface VertexRows {
  readonly count: number;
  readonly starts: Uint32Array;
  readonly vertices: Uint32Array;
  /** [n×3] */
  readonly vectors: Float64Array;
}

/** The head at `x`, [V×3] into `out`. */
export function evaluateHead(
  unknowns: HeadUnknowns,
  x: Float64Array,
  out: Float32Array,
  workspace?: SkinnedWorkspace,
): Float32Array {
  const { model } = unknowns;
  const head = headOf(unknowns, x);
  return model.kind === "skinned"
    ? evaluate(model, head, out, workspace)
    : evaluate(model, head, out);
}

/**
 * The head at `x`, and how it moves with its unknowns, without a dense Jacobian: see
 * {@link gradientOf} and {@link writeRows}.
 */
export function headMotion(
  unknowns: HeadUnknowns,
  x: Float64Array,
  positions: Float32Array,
  workspace?: SkinnedWorkspace,
): HeadMotion {
  const { model, shapeCount, expressionCount, joints, eyelids } = unknowns;
  if (model.kind === "pca") {
    return { unknowns, positions, poseColumns: new Float64Array(0), poseCount: 0 };
  }
  if (!workspace) throw new RangeError("headMotion: expected a workspace for a skinned model");
  const head = headOf(unknowns, x);
  const pose = evaluateJacobian(model, head, {
    ...{ shapeCount: 0, expressionCount: 0, joints, eyelids, workspace },
  });
  const all = Uint32Array.from({ length: positions.length / 3 }, (_, v) => v);
  const shifts = {
    joints: turnedJoints(model, workspace),
    shape: jointShifts(workspace, model.shapeBasis, shapeCount),
    expression: jointShifts(workspace, model.expressionBasis, expressionCount),
  };
  return {
    unknowns,
    positions,
    matrices: skinVertices(workspace, all).matrices,
    shifts,
    poseColumns: pose.jacobian,
    poseCount: pose.columns,
  };
}

/** Joints that are turned, or hang on one that is. */
function turnedJoints({ parents }: SkinnedModel, { pose }: SkinnedWorkspace): number[] {
  const turned: boolean[] = [];
  for (let joint = 0; joint < parents.length; joint++) {
    turned[joint] =
      pose[joint].some((value) => value !== 0) || (parents[joint] >= 0 && turned[parents[joint]]);
  }
  return turned.flatMap((is, joint) => (is ? [joint] : []));
}

/**
 * Gradient by the unknowns of what has the gradient `byVertices` [V×3] by the vertices, into `out`
 * [C].
 */
export function gradientOf(
  motion: HeadMotion,
  byVertices: Float64Array,
  out: Float64Array,
): Float64Array {
  const { unknowns, matrices, shifts, poseColumns, poseCount } = motion;
  const { model, shapeCount, expressionCount } = unknowns;
  // 1. The blendshapes' frame; what the turned joints carry.
  const turned = new Float32Array(byVertices.length);
  if (matrices) turnBack(turned, matrices, byVertices);
  else turned.set(byVertices);
  const carried = shifts && carriedBy(motion, byVertices);
  // 2. Along each mode.
  for (let k = 0; k < shapeCount; k++) {
    out[k] = dotRow(model.shapeBasis, k * turned.length, turned);
    if (shifts && carried) out[k] += alongShift(shifts, shifts.shape, k, carried, model);
  }
  for (let k = 0; k < expressionCount; k++) {
    out[shapeCount + k] = dotRow(model.expressionBasis, k * turned.length, turned);
    if (shifts && carried) {
      out[shapeCount + k] += alongShift(shifts, shifts.expression, k, carried, model);
    }
  }
  // 3. Joints and eyelids.
  const start = shapeCount + expressionCount;
  out.fill(0, start, start + poseCount);
  for (let i = 0; i < byVertices.length; i++) {
    const g = byVertices[i];
    if (g === 0) continue;
    for (let c = 0; c < poseCount; c++) out[start + c] += g * poseColumns[i * poseCount + c];
  }
  return out;
}

/**
 * Writes rows of a Jacobian column by column: out[k·stride + r] is row r's derivative by unknown k.
 */
export function writeRows(
  motion: HeadMotion,
  rows: VertexRows,
  out: Float32Array,
  stride: number,
): void {
  const { unknowns, matrices, shifts, poseColumns, poseCount } = motion;
  const { model, shapeCount, expressionCount } = unknowns;
  const { count, starts, vertices, vectors } = rows;
  const size = motion.positions.length;
  const places = Uint32Array.from(vertices.subarray(0, starts[count]), (v) => 3 * v);
  const turned = new Float64Array(3 * starts[count]);
  for (let i = 0; i < places.length; i++) {
    const x = vectors[3 * i];
    const y = vectors[3 * i + 1];
    const z = vectors[3 * i + 2];
    if (matrices) {
      const m = 3 * places[i];
      for (let axis = 0; axis < 3; axis++) {
        turned[3 * i + axis] =
          matrices[m + axis] * x + matrices[m + 3 + axis] * y + matrices[m + 6 + axis] * z;
      }
    } else {
      turned[3 * i] = x;
      turned[3 * i + 1] = y;
      turned[3 * i + 2] = z;
    }
  }
  for (let k = 0; k < shapeCount; k++) {
    gather(out, k * stride, model.shapeBasis, k * size, count, starts, places, turned);
  }
  for (let k = 0; k < expressionCount; k++) {
    const to = (shapeCount + k) * stride;
    gather(out, to, model.expressionBasis, k * size, count, starts, places, turned);
  }
  // What moves with the joints, and the joints themselves.
  if (model.kind === "skinned" && shifts) addShifts(motion, model, shifts, rows, out, stride);
  const first = shapeCount + expressionCount;
  for (let c = 0; c < poseCount; c++) {
    for (let r = 0; r < count; r++) {
      let sum = 0;
      for (let i = starts[r]; i < starts[r + 1]; i++) {
        for (let axis = 0; axis < 3; axis++) {
          sum += vectors[3 * i + axis] * poseColumns[(places[i] + axis) * poseCount + c];
        }
      }
      out[(first + c) * stride + r] = sum;
    }
  }
}

function gather(
  out: Float32Array,
  to: number,
  basis: Float32Array,
  from: number,
  count: number,
  starts: Uint32Array,
  places: Uint32Array,
  vectors: Float64Array,
): void {
  for (let r = 0, i = 0; r < count; r++) {
    let sum = 0;
    for (const end = starts[r + 1]; i < end; i++) {
      const at = from + places[i];
      sum +=
        basis[at] * vectors[3 * i] +
        basis[at + 1] * vectors[3 * i + 1] +
        basis[at + 2] * vectors[3 * i + 2];
    }
    out[to + r] = sum;
  }
}

function addShifts(
  { unknowns }: HeadMotion,
  model: SkinnedModel,
  { joints, shape, expression }: JointShifts,
  { count, starts, vertices, vectors }: VertexRows,
  out: Float32Array,
  stride: number,
): void {
  const all = model.parents.length;
  const { shapeCount, expressionCount } = unknowns;
  const carried = new Float64Array(3 * count);
  for (const joint of joints) {
    carried.fill(0);
    for (let r = 0; r < count; r++) {
      for (let i = starts[r]; i < starts[r + 1]; i++) {
        const weight = model.skinningWeights[vertices[i] * all + joint];
        for (let axis = 0; axis < 3; axis++)
          carried[3 * r + axis] += weight * vectors[3 * i + axis];
      }
    }
    for (let k = 0; k < shapeCount + expressionCount; k++) {
      const list = k < shapeCount ? shape : expression;
      const at = 3 * ((k < shapeCount ? k : k - shapeCount) * all + joint);
      for (let r = 0; r < count; r++) {
        out[k * stride + r] +=
          list[at] * carried[3 * r] +
          list[at + 1] * carried[3 * r + 1] +
          list[at + 2] * carried[3 * r + 2];
      }
    }
  }
}

/** out = Mᵀ·g of each vertex. */
function turnBack(out: Float32Array, matrices: Float64Array, g: Float64Array): void {
  for (let i = 0, m = 0; i < g.length; i += 3, m += 9) {
    const x = g[i];
    const y = g[i + 1];
    const z = g[i + 2];
    out[i] = matrices[m] * x + matrices[m + 3] * y + matrices[m + 6] * z;
    out[i + 1] = matrices[m + 1] * x + matrices[m + 4] * y + matrices[m + 7] * z;
    out[i + 2] = matrices[m + 2] * x + matrices[m + 5] * y + matrices[m + 8] * z;
  }
}

/** [J×3] Σ w·g of the vertices that follow each turned joint. */
function carriedBy({ unknowns, shifts }: HeadMotion, g: Float64Array): Float64Array {
  const { skinningWeights, parents } = unknowns.model as SkinnedModel;
  const out = new Float64Array(3 * parents.length);
  for (const joint of shifts!.joints) {
    for (let i = 0; i < g.length; i++) {
      const v = Math.floor(i / 3);
      out[3 * joint + (i % 3)] += skinningWeights[v * parents.length + joint] * g[i];
    }
  }
  return out;
}

function alongShift(
  { joints }: JointShifts,
  list: Float64Array,
  k: number,
  carried: Float64Array,
  model: HeadUnknowns["model"],
): number {
  const all = (model as SkinnedModel).parents.length;
  let sum = 0;
  for (const joint of joints) {
    for (let axis = 0; axis < 3; axis++) {
      sum += list[3 * (k * all + joint) + axis] * carried[3 * joint + axis];
    }
  }
  return sum;
}

/** Σ basis[start + i]·vector[i], in four sums. */
function dotRow(basis: Float32Array, start: number, vector: Float32Array): number {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let i = 0;
  for (; i < vector.length; i += 3) {
    s0 += basis[start + i] * vector[i];
    s1 += basis[start + i + 1] * vector[i + 1];
    s2 += basis[start + i + 2] * vector[i + 2];
  }
  return s0 + s1 + s2;
}

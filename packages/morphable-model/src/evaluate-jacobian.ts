import { checkCoefficients } from "./check-coefficients.ts";
import { rotationTangents } from "./rotation-tangents.ts";
import type { SkinnedCoefficients, SkinnedModel } from "./skinned-model.ts";
import { createSkinnedWorkspace, type SkinnedWorkspace } from "./skinned-workspace.ts";
import { updateWorkspace } from "./update-workspace.ts";

/** Which rows and columns are wanted; all unless told. */
export interface JacobianOptions {
  /** [N] vertices, in any order. */
  readonly vertices?: ArrayLike<number>;
  /** Number of leading shape coefficients. */
  readonly shapeCount?: number;
  /** Number of leading expression coefficients. */
  readonly expressionCount?: number;
  /** Joints whose axis-angle numbers are columns. */
  readonly joints?: ArrayLike<number>;
  /** Two columns for the eyelids at the end; without them unless told. */
  readonly eyelids?: boolean;
  /** Working memory of this model; made for this call unless told. */
  readonly workspace?: SkinnedWorkspace;
}

/** Vertices and how they move with each coefficient. */
export interface VertexJacobian {
  /** [N×3] the vertices. */
  readonly positions: Float64Array;
  /** [3N×C] row-major: shapes, expressions, three per joint, eyelids. */
  readonly jacobian: Float64Array;
  /** C */
  readonly columns: number;
}

/** Modes gathered at a time: their vertices stay in cache, and rows are written in whole lines. */
const MODES = 8;

/**
 * Vertices of a skinned head and their derivatives with respect to shape, expression and the
 * axis-angle numbers of the joints.
 *
 * With skinning matrix Mᵥ = Σ wⱼ·R(Gⱼ) and joints Jⱼ that move with mode k by dJⱼ:
 *
 * ```text
 * ∂X/∂cₖ = Mᵥ·Bₖ + Σ wⱼ·(dtⱼ − R(Gⱼ)·dJⱼ),   dtⱼ = dt_parent + R(G_parent)·(dJⱼ − dJ_parent)
 * ∂X/∂θₘ = Mᵥ·Σ dRₘ·Pₘ + ω × Σ wⱼ·(Aⱼ·x − tₘ)      over joint m and those below it
 * ```
 *
 * @param model the skinned model
 * @param coefficients where the derivatives are taken
 * @param options vertices (rows) and coefficients (columns) wanted
 * @throws RangeError for coefficients that `evaluate` refuses, for a count, joint or vertex that the
 *   model does not have, or the workspace of another model
 * @see Li et al., Learning a model of facial shape and expression from 4D scans, 2017, section 4
 */
export function evaluateJacobian(
  model: SkinnedModel,
  coefficients: SkinnedCoefficients = {},
  options: JacobianOptions = {},
): VertexJacobian {
  const vertexCount = model.template.length / 3;
  const jointCount = model.parents.length;
  const shapeCount = options.shapeCount ?? model.shapeStandardDeviations.length;
  const expressionCount = options.expressionCount ?? model.expressionStandardDeviations.length;
  const vertices = options.vertices ?? Uint32Array.from({ length: vertexCount }, (_, v) => v);
  const joints = options.joints ?? Uint32Array.from({ length: jointCount }, (_, j) => j);
  checkWhole("shapeCount", [shapeCount], model.shapeStandardDeviations.length + 1);
  checkWhole("expressionCount", [expressionCount], model.expressionStandardDeviations.length + 1);
  checkWhole("vertices", vertices, vertexCount);
  checkWhole("joints", joints, jointCount);
  const lids = coefficients.eyelids ?? [];
  checkCoefficients("evaluateJacobian", "eyelid", lids, model.eyelids ? 2 : 0);
  const { eyelids } = model;
  if (options.eyelids && !eyelids) {
    throw new RangeError("evaluateJacobian: expected a model with eyelids, got one without");
  }
  const workspace = options.workspace ?? createSkinnedWorkspace(model, { kernel: "typescript" });
  if (workspace.model !== model) {
    throw new RangeError("evaluateJacobian: expected the workspace of this model, got another's");
  }
  updateWorkspace("evaluateJacobian", workspace, coefficients);

  const { positions, matrices } = skinVertices(workspace, vertices);
  const poseStart = shapeCount + expressionCount;
  const lidStart = poseStart + 3 * joints.length;
  const columns = lidStart + (options.eyelids ? 2 : 0);
  const jacobian = new Float64Array(3 * vertices.length * columns);
  const rows: Rows = { vertices, matrices, jacobian, columns };
  writeBlendColumns(workspace, rows, model.shapeBasis, shapeCount, 0);
  writeBlendColumns(workspace, rows, model.expressionBasis, expressionCount, shapeCount);
  for (let i = 0; i < joints.length; i++) {
    writePoseColumns(workspace, rows, joints[i], poseStart + 3 * i);
  }
  for (let lid = 0; eyelids && lid < 2; lid++) {
    for (let row = 0; row < 3 * vertices.length; row++) {
      const at = 3 * vertices[Math.floor(row / 3)] + (row % 3);
      const offset = eyelids[lid * model.template.length + at];
      positions[row] += (lid < lids.length ? lids[lid] : 0) * offset;
      if (options.eyelids) jacobian[row * columns + lidStart + lid] = offset;
    }
  }
  return { positions, jacobian, columns };
}

interface Rows {
  readonly vertices: ArrayLike<number>;
  /** [N×3×3] */
  readonly matrices: Float64Array;
  readonly jacobian: Float64Array;
  readonly columns: number;
}

function checkWhole(name: string, values: ArrayLike<number>, limit: number): void {
  for (let i = 0; i < values.length; i++) {
    if (!Number.isInteger(values[i]) || values[i] < 0 || values[i] >= limit) {
      throw new RangeError(
        `evaluateJacobian: expected whole ${name} below ${limit}, got ${values[i]}`,
      );
    }
  }
}

/** Skinned vertices [N×3] in double precision, and their skinning matrices Mᵥ [N×3×3]. */
export function skinVertices(
  { model, kernel, transforms }: SkinnedWorkspace,
  vertices: ArrayLike<number>,
): { readonly positions: Float64Array; readonly matrices: Float64Array } {
  const corrected = kernel.stages[2];
  const joints = model.parents.length;
  const positions = new Float64Array(3 * vertices.length);
  const matrices = new Float64Array(9 * vertices.length);
  for (let i = 0; i < vertices.length; i++) {
    const v = vertices[i];
    for (let joint = 0; joint < joints; joint++) {
      const weight = model.skinningWeights[v * joints + joint];
      for (let axis = 0; axis < 3; axis++) {
        const t = 12 * joint + 4 * axis;
        positions[3 * i + axis] += weight * transforms[t + 3];
        for (let j = 0; j < 3; j++) {
          positions[3 * i + axis] += weight * transforms[t + j] * corrected[3 * v + j];
          matrices[9 * i + 3 * axis + j] += weight * transforms[t + j];
        }
      }
    }
  }
  return { positions, matrices };
}

function writeBlendColumns(
  workspace: SkinnedWorkspace,
  { vertices, matrices, jacobian, columns }: Rows,
  basis: Float32Array,
  count: number,
  start: number,
): void {
  const { template, skinningWeights, parents } = workspace.model;
  const size = template.length;
  const joints = parents.length;
  const shifts = jointShifts(workspace, basis, count);
  for (let first = 0; first < count; first += MODES) {
    const last = Math.min(count, first + MODES);
    for (let i = 0; i < vertices.length; i++) {
      const v = vertices[i];
      for (let k = first; k < last; k++) {
        const at = k * size + 3 * v;
        for (let axis = 0; axis < 3; axis++) {
          const m = 9 * i + 3 * axis;
          let sum =
            matrices[m] * basis[at] +
            matrices[m + 1] * basis[at + 1] +
            matrices[m + 2] * basis[at + 2];
          for (let joint = 0; joint < joints; joint++) {
            sum += skinningWeights[v * joints + joint] * shifts[3 * (k * joints + joint) + axis];
          }
          jacobian[(3 * i + axis) * columns + start + k] = sum;
        }
      }
    }
  }
}

/** How mode k moves what joint j carries, because it moves the joints: dtⱼ − R(Gⱼ)·dJⱼ [K×J×3]. */
export function jointShifts(
  { model, regressor, chain }: SkinnedWorkspace,
  basis: Float32Array,
  count: number,
): Float64Array {
  const size = model.template.length;
  const joints = model.parents.length;
  const moved = new Float64Array(3 * joints);
  const posed = new Float64Array(3 * joints);
  const out = new Float64Array(3 * joints * count);
  for (let k = 0; k < count; k++) {
    moved.fill(0);
    for (let joint = 0; joint < joints; joint++) {
      for (let i = regressor.starts[joint]; i < regressor.starts[joint + 1]; i++) {
        const at = k * size + 3 * regressor.vertices[i];
        for (let axis = 0; axis < 3; axis++) {
          moved[3 * joint + axis] += regressor.weights[i] * basis[at + axis];
        }
      }
      const parent = model.parents[joint];
      for (let axis = 0; axis < 3; axis++) {
        let at = parent < 0 ? moved[axis] : posed[3 * parent + axis];
        let turned = 0;
        for (let j = 0; j < 3; j++) {
          const dJ = moved[3 * joint + j];
          if (parent >= 0) {
            at += chain[12 * parent + 4 * axis + j] * (dJ - moved[3 * parent + j]);
          }
          turned += chain[12 * joint + 4 * axis + j] * dJ;
        }
        posed[3 * joint + axis] = at;
        out[3 * (k * joints + joint) + axis] = at - turned;
      }
    }
  }
  return out;
}

function writePoseColumns(
  { model, kernel, pose, rotations, chain, transforms }: SkinnedWorkspace,
  { vertices, matrices, jacobian, columns }: Rows,
  joint: number,
  start: number,
): void {
  const { template, skinningWeights, parents, poseBasis } = model;
  const size = template.length;
  const joints = parents.length;
  const corrected = kernel.stages[2];
  const { axes, derivatives } = rotationTangents(pose[joint], rotations[joint]);
  // 1. The axes ω as the parent has turned them.
  const turned = Float64Array.from(axes);
  const parent = parents[joint];
  for (let axis = 0; parent >= 0 && axis < 9; axis++) {
    const g = 12 * parent + 4 * (axis % 3);
    const w = axis - (axis % 3);
    turned[axis] = chain[g] * axes[w] + chain[g + 1] * axes[w + 1] + chain[g + 2] * axes[w + 2];
  }
  // 2. The joints that turn along.
  const below = new Uint8Array(joints);
  for (let j = joint; j < joints; j++) {
    below[j] = j === joint || (parents[j] >= 0 && below[parents[j]] === 1) ? 1 : 0;
  }

  const lever = new Float64Array(3);
  const bent = new Float64Array(9);
  for (let i = 0; i < vertices.length; i++) {
    const v = vertices[i];
    // 3. Lever of the vertex about the joint, by the weights of what turns.
    lever.fill(0);
    for (let j = joint; j < joints; j++) {
      const weight = below[j] * skinningWeights[v * joints + j];
      if (weight === 0) continue;
      for (let axis = 0; axis < 3; axis++) {
        const t = 12 * j + 4 * axis;
        lever[axis] +=
          weight *
          (transforms[t] * corrected[3 * v] +
            transforms[t + 1] * corrected[3 * v + 1] +
            transforms[t + 2] * corrected[3 * v + 2] +
            transforms[t + 3] -
            chain[12 * joint + 4 * axis + 3]);
      }
    }
    // 4. Change of the pose corrective [3 columns × 3].
    bent.fill(0);
    for (let entry = 0; joint > 0 && entry < 9; entry++) {
      const at = (9 * (joint - 1) + entry) * size + 3 * v;
      for (let c = 0; c < 3; c++) {
        const change = derivatives[9 * c + entry];
        for (let axis = 0; axis < 3; axis++) bent[3 * c + axis] += change * poseBasis[at + axis];
      }
    }
    for (let c = 0; c < 3; c++) {
      for (let axis = 0; axis < 3; axis++) {
        const next = (axis + 1) % 3;
        const after = (axis + 2) % 3;
        const m = 9 * i + 3 * axis;
        jacobian[(3 * i + axis) * columns + start + c] =
          turned[3 * c + next] * lever[after] -
          turned[3 * c + after] * lever[next] +
          matrices[m] * bent[3 * c] +
          matrices[m + 1] * bent[3 * c + 1] +
          matrices[m + 2] * bent[3 * c + 2];
      }
    }
  }
}

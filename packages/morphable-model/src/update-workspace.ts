import { rotationFromAxisAngle } from "@headform/core-math";
import { checkCoefficients } from "./check-coefficients.ts";
import type { SkinnedCoefficients } from "./skinned-model.ts";
import type { SkinnedWorkspace } from "./skinned-workspace.ts";

/**
 * Brings the workspace to the given coefficients, computing what they change: stages, joints,
 * transforms and skinned vertices.
 *
 * @throws RangeError for more coefficients than the model has, or a non-finite one
 */
export function updateWorkspace(
  where: string,
  workspace: SkinnedWorkspace,
  coefficients: SkinnedCoefficients,
): void {
  const { kernel, poseFeature, rotations } = workspace;
  const shape = coefficients.shape ?? [];
  const expression = coefficients.expression ?? [];
  const pose = coefficients.pose ?? [];
  checkCoefficients(where, "shape", shape, workspace.shape.length);
  checkCoefficients(where, "expression", expression, workspace.expression.length);
  checkCoefficients(where, "pose", pose, 3 * workspace.pose.length);

  // 1. Expressed shape and its joints.
  const reshaped = store(workspace.shape, shape, 0);
  const expressed = store(workspace.expression, expression, 0) || reshaped;
  if (reshaped) kernel.blend(0, workspace.shape);
  if (expressed) {
    kernel.blend(1, workspace.expression);
    regressJoints(workspace);
  }

  // 2. Rotations, and the pose correctives that R − I of all but the root drive.
  let posed = false;
  for (let joint = 0; joint < rotations.length; joint++) {
    if (!store(workspace.pose[joint], pose, 3 * joint)) continue;
    posed = true;
    rotationFromAxisAngle(workspace.pose[joint], rotations[joint]);
    if (joint === 0) continue;
    for (let entry = 0; entry < 9; entry++) {
      poseFeature[9 * (joint - 1) + entry] = rotations[joint][entry] - (entry % 4 === 0 ? 1 : 0);
    }
  }
  if (!expressed && !posed) return;
  kernel.blend(2, poseFeature);

  // 3. Skinning.
  updateTransforms(workspace);
  kernel.skin(workspace.transforms);
}

/** Copies source[start…] into `target`, 0 beyond its end; says whether that changed anything. */
function store(target: Float64Array, source: ArrayLike<number>, start: number): boolean {
  let changed = false;
  for (let i = 0; i < target.length; i++) {
    const value = start + i < source.length ? source[start + i] : 0;
    if (target[i] === value) continue;
    target[i] = value;
    changed = true;
  }
  return changed;
}

function regressJoints({ kernel, joints, regressor }: SkinnedWorkspace): void {
  const expressed = kernel.stages[1];
  const { starts, vertices, weights } = regressor;
  joints.fill(0);
  for (let joint = 0; joint < starts.length - 1; joint++) {
    for (let i = starts[joint]; i < starts[joint + 1]; i++) {
      const at = 3 * vertices[i];
      joints[3 * joint] += weights[i] * expressed[at];
      joints[3 * joint + 1] += weights[i] * expressed[at + 1];
      joints[3 * joint + 2] += weights[i] * expressed[at + 2];
    }
  }
}

/**
 * Chain Gⱼ = G_parent·[Rⱼ | Jⱼ − J_parent] and transforms Aⱼ = [R(Gⱼ) | t(Gⱼ) − R(Gⱼ)·Jⱼ].
 */
function updateTransforms({ model, joints, rotations, chain, transforms }: SkinnedWorkspace): void {
  for (let joint = 0; joint < rotations.length; joint++) {
    const parent = model.parents[joint];
    const r = rotations[joint];
    const at = 12 * joint;
    for (let row = 0; row < 3; row++) {
      const to = at + 4 * row;
      if (parent < 0) {
        for (let column = 0; column < 3; column++) chain[to + column] = r[3 * row + column];
        chain[to + 3] = joints[3 * joint + row];
      } else {
        const from = 12 * parent + 4 * row;
        let moved = chain[from + 3];
        for (let i = 0; i < 3; i++) {
          moved += chain[from + i] * (joints[3 * joint + i] - joints[3 * parent + i]);
          chain[to + i] =
            chain[from] * r[i] + chain[from + 1] * r[3 + i] + chain[from + 2] * r[6 + i];
        }
        chain[to + 3] = moved;
      }
      let offset = chain[to + 3];
      for (let i = 0; i < 3; i++) {
        transforms[to + i] = chain[to + i];
        offset -= chain[to + i] * joints[3 * joint + i];
      }
      transforms[to + 3] = offset;
    }
  }
}

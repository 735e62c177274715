import { checkSkinnedModel } from "./check-skinned-model.ts";
import type { SkinnedModel } from "./skinned-model.ts";
import { createTypeScriptKernel, type SkinningKernel } from "./skinning-kernel.ts";
import { createWasmKernel } from "./skinning-kernel-wasm.ts";

/**
 * Working memory for one skinned model, with the coefficients it was last used for: what they have
 * in common with the next ones is not computed again. Belongs to one thread and one face.
 */
export interface SkinnedWorkspace {
  readonly model: SkinnedModel;
  readonly kernel: SkinningKernel;
  readonly regressor: SparseRegressor;
  /** [Ks] */
  readonly shape: Float64Array;
  /** [Ke] */
  readonly expression: Float64Array;
  /** [J] times [3]: axis times angle. */
  readonly pose: readonly Float64Array[];
  /** [J] times [3×3]: relative to the parent. */
  readonly rotations: readonly Float64Array[];
  /** [9(J−1)] entries of R − I of all joints but the root. */
  readonly poseFeature: Float64Array;
  /** [J×3] joints of the expressed shape. */
  readonly joints: Float64Array;
  /** [J×12] rows of [R | t]: from the model frame to each joint's frame as posed. */
  readonly chain: Float64Array;
  /** [J×12] rows of [R | t]: what moves the expressed shape to the posed one. */
  readonly transforms: Float64Array;
}

/** Joint j is `Σ weights[i]·X[vertices[i]]`, starts[j] ≤ i < starts[j + 1]. */
export interface SparseRegressor {
  readonly starts: Uint32Array;
  readonly vertices: Uint32Array;
  readonly weights: Float64Array;
}

/** Options of {@link createSkinnedWorkspace}. */
export interface SkinnedWorkspaceOptions {
  /** `"typescript"` keeps to the model's own arrays; `"auto"` copies them for WebAssembly. */
  readonly kernel: "auto" | "typescript";
}

export const SKINNED_WORKSPACE_DEFAULTS: SkinnedWorkspaceOptions = { kernel: "auto" };

/**
 * Working memory for {@link evaluate} and {@link evaluateJacobian} of one skinned model.
 *
 * @param model the skinned model
 * @param options which kernel; WebAssembly with SIMD where the platform has it unless told, which
 *   costs a copy of the bases
 * @throws RangeError when an array of the model has not the length that the others tell
 */
export function createSkinnedWorkspace(
  model: SkinnedModel,
  options: Partial<SkinnedWorkspaceOptions> = {},
): SkinnedWorkspace {
  const { kernel } = { ...SKINNED_WORKSPACE_DEFAULTS, ...options };
  checkSkinnedModel("createSkinnedWorkspace", model);
  const joints = model.parents.length;
  const perJoint = (size: number): Float64Array[] =>
    Array.from({ length: joints }, () => new Float64Array(size).fill(Number.NaN));
  // Not a number differs from every coefficient: nothing is computed yet.
  const unknown = (size: number): Float64Array => new Float64Array(size).fill(Number.NaN);
  return {
    model,
    kernel:
      (kernel === "auto" ? createWasmKernel(model) : undefined) ?? createTypeScriptKernel(model),
    regressor: sparseRegressor(model),
    shape: unknown(model.shapeStandardDeviations.length),
    expression: unknown(model.expressionStandardDeviations.length),
    pose: perJoint(3),
    rotations: perJoint(9),
    poseFeature: new Float64Array(9 * (joints - 1)),
    joints: new Float64Array(3 * joints),
    chain: new Float64Array(12 * joints),
    transforms: new Float64Array(12 * joints),
  };
}

function sparseRegressor({ jointRegressor, parents, template }: SkinnedModel): SparseRegressor {
  const vertexCount = template.length / 3;
  const starts = new Uint32Array(parents.length + 1);
  const vertices: number[] = [];
  const weights: number[] = [];
  for (let joint = 0; joint < parents.length; joint++) {
    for (let v = 0; v < vertexCount; v++) {
      const weight = jointRegressor[joint * vertexCount + v];
      if (weight === 0) continue;
      vertices.push(v);
      weights.push(weight);
    }
    starts[joint + 1] = vertices.length;
  }
  return { starts, vertices: Uint32Array.from(vertices), weights: Float64Array.from(weights) };
}

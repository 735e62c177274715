import { checkCoefficients } from "./check-coefficients.ts";
import type { SkinnedCoefficients } from "./skinned-model.ts";
import type { SkinnedWorkspace } from "./skinned-workspace.ts";
import { updateWorkspace } from "./update-workspace.ts";

/** Vertices of a skinned head into `out`; see {@link evaluate}. */
export function evaluateSkinned(
  workspace: SkinnedWorkspace,
  coefficients: SkinnedCoefficients,
  out: Float32Array,
): Float32Array {
  const { eyelids } = workspace.model;
  const lids = coefficients.eyelids ?? [];
  checkCoefficients("evaluate", "eyelid", lids, eyelids ? 2 : 0);
  updateWorkspace("evaluate", workspace, coefficients);
  out.set(workspace.kernel.skinned);
  for (let lid = 0; lid < lids.length; lid++) {
    const start = lid * out.length;
    if (lids[lid] === 0 || !eyelids) continue;
    for (let i = 0; i < out.length; i++) out[i] += lids[lid] * eyelids[start + i];
  }
  return out;
}

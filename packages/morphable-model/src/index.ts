export type { Constraints, CorrespondenceMaps } from "./constraints.ts";
export { contourRow } from "./contour-row.ts";
export { evaluate } from "./evaluate.ts";
export type { JacobianOptions, VertexJacobian } from "./evaluate-jacobian.ts";
export { evaluateJacobian } from "./evaluate-jacobian.ts";
export type { LandmarkPose } from "./evaluate-landmarks.ts";
export { evaluateLandmarks } from "./evaluate-landmarks.ts";
export type { NormalJacobian } from "./evaluate-normal-jacobian.ts";
export { evaluateNormalJacobian } from "./evaluate-normal-jacobian.ts";
export { evaluateSurfacePoints } from "./evaluate-surface-points.ts";
export type { FitCoefficientsOptions, FittedCoefficients } from "./fit-coefficients.ts";
export { fitCoefficients } from "./fit-coefficients.ts";
export type { FitToPixelsOptions, FittedHead } from "./fit-to-pixels.ts";
export { FIT_TO_PIXELS_DEFAULTS, fitToPixels } from "./fit-to-pixels.ts";
export { landmarkVisibility } from "./landmark-visibility.ts";
export { LOCALIZE_PIXELS_DEFAULTS, localizePixels } from "./localize-pixels.ts";
export { LOCALIZE_VERTICES_DEFAULTS, localizeVertices } from "./localize-vertices.ts";
export type { MorphableModelErrorCode } from "./morphable-model-error.ts";
export { isMorphableModelError, MorphableModelError } from "./morphable-model-error.ts";
export type { Coefficients, PcaModel } from "./pca-model.ts";
export { projectLandmarks } from "./project-landmarks.ts";
export { readHead } from "./read-head.ts";
export type {
  DynamicContour,
  SkinnedCoefficients,
  SkinnedModel,
  SurfacePoints,
} from "./skinned-model.ts";
export type {
  SkinnedWorkspace,
  SkinnedWorkspaceOptions,
  SparseRegressor,
} from "./skinned-workspace.ts";
export { createSkinnedWorkspace, SKINNED_WORKSPACE_DEFAULTS } from "./skinned-workspace.ts";
export type { SkinningKernel, Stage } from "./skinning-kernel.ts";
export type { SurfaceIndex } from "./surface-index.ts";
export { createSurfaceIndex, REGION_WEIGHTS } from "./surface-index.ts";
export { toMesh } from "./to-mesh.ts";

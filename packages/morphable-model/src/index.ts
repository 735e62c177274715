export type { Constraints, CorrespondenceMaps } from "./constraints.ts";
export { contourRow } from "./contour-row.ts";
export { detailMesh, detailModel } from "./detail-mesh.ts";
export { evaluate } from "./evaluate.ts";
export type { AlbedoCoefficients } from "./evaluate-albedo.ts";
export { evaluateAlbedo } from "./evaluate-albedo.ts";
export { evaluateColors } from "./evaluate-colors.ts";
export { evaluateContour } from "./evaluate-contour.ts";
export type { JacobianOptions, VertexJacobian } from "./evaluate-jacobian.ts";
export { evaluateJacobian } from "./evaluate-jacobian.ts";
export type { LandmarkPose } from "./evaluate-landmarks.ts";
export { evaluateLandmarks } from "./evaluate-landmarks.ts";
export type { NormalJacobian } from "./evaluate-normal-jacobian.ts";
export { evaluateNormalJacobian } from "./evaluate-normal-jacobian.ts";
export { evaluateSurfacePoints } from "./evaluate-surface-points.ts";
export type { LandmarkOptions } from "./fit/choose-landmarks.ts";
export type {
  FitCoefficientsJointlyOptions,
  JointCoefficients,
} from "./fit/fit-coefficients-jointly.ts";
export { fitCoefficientsJointly } from "./fit/fit-coefficients-jointly.ts";
export type { Correspondence, FitCorrespondenceOptions } from "./fit/fit-correspondence.ts";
export { FIT_CORRESPONDENCE_DEFAULTS, fitCorrespondence } from "./fit/fit-correspondence.ts";
export type { FitLandmarks2dOptions, FittedImageHead } from "./fit/fit-landmarks-2d.ts";
export { FIT_LANDMARKS_2D_DEFAULTS, fitLandmarks2d } from "./fit/fit-landmarks-2d.ts";
export type { FitLandmarks3dOptions, FittedPlacedHead } from "./fit/fit-landmarks-3d.ts";
export { FIT_LANDMARKS_3D_DEFAULTS, fitLandmarks3d } from "./fit/fit-landmarks-3d.ts";
export type { FitScanOptions, FittedScan } from "./fit/fit-scan.ts";
export { FIT_SCAN_DEFAULTS, fitScan } from "./fit/fit-scan.ts";
export type { FittedPose, HeadUnknowns, HeadUnknownsOptions } from "./fit/head-unknowns.ts";
export { headOf, headUnknowns, unknownsOf } from "./fit/head-unknowns.ts";
export type { RegisteredHead, RegisterHeadOptions } from "./fit/register-head.ts";
export { REGISTER_HEAD_DEFAULTS, registerHead } from "./fit/register-head.ts";
export type { LandmarkFrame, SelectedVertices } from "./fit/select-landmark-vertices.ts";
export { selectLandmarkVertices } from "./fit/select-landmark-vertices.ts";
export type {
  SurfaceEnergy,
  SurfacePart,
  SurfacePulls,
  SurfaceView,
  UsualResiduals,
} from "./fit/surface-energy.ts";
export {
  surfaceEnergy,
  surfaceGradient,
  unknownsWithCamera,
  usualResiduals,
} from "./fit/surface-energy.ts";
export type { SurfaceNormals } from "./fit/surface-normal-equations.ts";
export { createSurfaceNormals, surfaceNormalMatrix } from "./fit/surface-normal-equations.ts";
export type {
  SurfaceObservation,
  SurfaceProblem,
  SurfaceScene,
  SurfaceState,
  SurfaceTerm,
  SurfaceTerms,
} from "./fit/surface-problem.ts";
export { createSurfaceScene, SURFACE_CAMERA_UNKNOWNS } from "./fit/surface-problem.ts";
export type {
  TransferCoefficientsOptions,
  TransferredCoefficients,
} from "./fit/transfer-coefficients.ts";
export {
  TRANSFER_COEFFICIENTS_DEFAULTS,
  transferCoefficients,
} from "./fit/transfer-coefficients.ts";
export type { FitCoefficientsOptions, FittedCoefficients } from "./fit-coefficients.ts";
export { fitCoefficients } from "./fit-coefficients.ts";
export type { FitToPixelsOptions, FittedHead } from "./fit-to-pixels.ts";
export { FIT_TO_PIXELS_DEFAULTS, fitToPixels } from "./fit-to-pixels.ts";
export type { HeadDetail } from "./head-detail.ts";
export { readDetail } from "./head-detail.ts";
export { landmarkVisibility } from "./landmark-visibility.ts";
export { LOCALIZE_PIXELS_DEFAULTS, localizePixels } from "./localize-pixels.ts";
export { LOCALIZE_VERTICES_DEFAULTS, localizeVertices } from "./localize-vertices.ts";
export type { MorphableModelErrorCode } from "./morphable-model-error.ts";
export { isMorphableModelError, MorphableModelError } from "./morphable-model-error.ts";
export type {
  AlbedoModes,
  AlbedoPatch,
  Coefficients,
  ColorModel,
  PcaModel,
  TurningContour,
} from "./pca-model.ts";
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

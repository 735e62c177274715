export type {
  AffineCamera,
  Camera,
  PerspectiveCamera,
  ScaledOrthographicCamera,
} from "./camera.ts";
export type { CameraErrorCode } from "./camera-error.ts";
export { CameraError, isCameraError } from "./camera-error.ts";
export { estimateAffine } from "./estimate-affine.ts";
export type { EstimatePerspectiveOptions } from "./estimate-perspective.ts";
export { estimatePerspective, perspectiveFromScaledOrthographic } from "./estimate-perspective.ts";
export {
  estimateScaledOrthographic,
  scaledOrthographicFromAffine,
} from "./estimate-scaled-orthographic.ts";
export type { FitPerspectiveOptions, FitPerspectiveResult } from "./fit-perspective.ts";
export { FIT_PERSPECTIVE_DEFAULTS, fitPerspective } from "./fit-perspective.ts";
export { projectPoints } from "./project-points.ts";
export type {
  FocalLengthPrior,
  RefinePerspectiveOptions,
  RefinePerspectiveResult,
} from "./refine-perspective.ts";
export { REFINE_PERSPECTIVE_DEFAULTS, refinePerspective } from "./refine-perspective.ts";
export { resizeCamera } from "./resize-camera.ts";
export { viewDepth } from "./view-depth.ts";

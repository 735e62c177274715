export type { AlignedToScan, AlignToScanOptions } from "./align-to-scan.ts";
export { ALIGN_TO_SCAN_DEFAULTS, alignToScan } from "./align-to-scan.ts";
export type { ChamferDistance } from "./chamfer-distance.ts";
export { chamferDistance } from "./chamfer-distance.ts";
export type { CumulativeErrors } from "./cumulative-errors.ts";
export { cumulativeErrors } from "./cumulative-errors.ts";
export { denseNormalizedMeanError } from "./dense-normalized-mean-error.ts";
export type { DrawErrorCurvesOptions, ErrorCurve } from "./draw-error-curves.ts";
export { DRAW_ERROR_CURVES_DEFAULTS, drawErrorCurves } from "./draw-error-curves.ts";
export type { EstablishCorrespondenceOptions } from "./establish-correspondence.ts";
export {
  ESTABLISH_CORRESPONDENCE_DEFAULTS,
  establishCorrespondence,
} from "./establish-correspondence.ts";
export type { FaceScapeMeasures, MeasureFaceScapeOptions } from "./measure-facescape.ts";
export { MEASURE_FACESCAPE_DEFAULTS, measureFaceScape } from "./measure-facescape.ts";
export type { MeasureNowOptions, NowMeasures } from "./measure-now.ts";
export { measureNow, NOW_LANDMARKS } from "./measure-now.ts";
export type {
  MeasurePixel3dmmOptions,
  Pixel3dmmMeasures,
  Pixel3dmmScan,
} from "./measure-pixel3dmm.ts";
export { MEASURE_PIXEL3DMM_DEFAULTS, measurePixel3dmm } from "./measure-pixel3dmm.ts";
export type { ScanDistances } from "./measure-scan.ts";
export { measureScan } from "./measure-scan.ts";
export type { PredictedFace, ScannedFace } from "./measured-face.ts";
export { normalConsistency } from "./normal-consistency.ts";
export type { ErrorNormalization, NormalizedMeanErrorOptions } from "./normalized-mean-error.ts";
export { normalizedMeanError } from "./normalized-mean-error.ts";
export { recallWithin } from "./recall-within.ts";
export type { ErrorSummary } from "./summarize-errors.ts";
export { summarizeErrors } from "./summarize-errors.ts";
export type { Surface } from "./surface.ts";

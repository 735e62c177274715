export type {
  CreateReconstructorOptions,
  Reconstructor,
  ReconstructorParts,
} from "./create-reconstructor.ts";
export { createReconstructor } from "./create-reconstructor.ts";
export type { Face, FaceFit, FaceTimings } from "./face.ts";
export type { FaceMaps, FaceView, FitHeadOptions, FittedFace } from "./fit-head.ts";
export { fitHead } from "./fit-head.ts";
export { DEFAULT_METHOD, METHODS, type Method } from "./method.ts";
export type { SurfaceFitter } from "./pixel3dmm/create-surface-fitter.ts";
export { createSurfaceFitter } from "./pixel3dmm/create-surface-fitter.ts";
export type { FitSurfaceMapsOptions, SurfaceFit } from "./pixel3dmm/fit-surface-maps.ts";
export { fitSurfaceMaps } from "./pixel3dmm/fit-surface-maps.ts";
export type { SeenPoints } from "./pixel3dmm/observe-maps.ts";
export type { Pixel3dmmPreset } from "./pixel3dmm/presets.ts";
export { PIXEL3DMM_DEFAULTS, PIXEL3DMM_PAPER, PIXEL3DMM_RELEASED } from "./pixel3dmm/presets.ts";
export type { FittedModelFace, ReconstructModelOptions } from "./pixel3dmm/reconstruct-model.ts";
export { reconstructModel } from "./pixel3dmm/reconstruct-model.ts";
export type { ReconstructPixel3dmmOptions } from "./pixel3dmm/reconstruct-pixel3dmm.ts";
export type { FacePlace, ReconstructFaceOptions } from "./reconstruct-face.ts";
export { reconstructFace } from "./reconstruct-face.ts";
export type { ReconstructPhotoOptions } from "./reconstruct-photo.ts";
export { detectFaces, reconstructPhoto } from "./reconstruct-photo.ts";
export type { ReconstructionErrorCode } from "./reconstruction-error.ts";
export { isReconstructionError, ReconstructionError } from "./reconstruction-error.ts";
export type { TextureSource } from "./sample-texture.ts";
export { sampleTexture } from "./sample-texture.ts";
export type { Stage, StageSurfaces } from "./stage.ts";
export type { TexelMap } from "./texel-map.ts";
export { createTexelMap } from "./texel-map.ts";
export type { ModelFace, TransferredFace } from "./transfer-face.ts";
export { transferFace } from "./transfer-face.ts";
export type { VertexNeighbors } from "./vertex-neighbors.ts";
export { vertexNeighbors } from "./vertex-neighbors.ts";
export { VOLUME_SURFACES, type VolumeSurface } from "./vrn/photo-surface.ts";
export type { ReconstructVrnOptions } from "./vrn/reconstruct-vrn.ts";
export { reconstructVrn } from "./vrn/reconstruct-vrn.ts";

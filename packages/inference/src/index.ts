export type { FetchedNetwork } from "./cache/fetch-network-with.ts";
export type {
  CachedFile,
  DownloadProgress,
  FetchFileOptions,
  FileRequest,
} from "./cache/file-store.ts";
export { checkDigest } from "./check-digest.ts";
export { InferenceError, type InferenceErrorCode, isInferenceError } from "./inference-error.ts";
export {
  type DenseChannel,
  type DenseCrop,
  type DenseManifest,
  type DenseOutput,
  type DetectorManifest,
  type ImageInput,
  type ManifestHead,
  type NetworkManifest,
  readManifest,
  type ValueBox,
} from "./network-manifest.ts";
export { runBatch } from "./run-batch.ts";
export { SELF_TEST_TOLERANCE, type SelfTest, selfTest } from "./self-test.ts";
export type {
  Backend,
  BackendAttempt,
  InputDescription,
  RunOptions,
  Session,
} from "./session.ts";
export type {
  IdentityManifest,
  SegmentationManifest,
  SurfaceChannel,
  SurfaceManifest,
} from "./surface-manifest.ts";
export {
  checkTensor,
  createTensor,
  type Tensor,
  type TensorDataByType,
  type TensorType,
} from "./tensor.ts";
export type { VolumeCrop, VolumeManifest, VolumeOutput } from "./volume-manifest.ts";

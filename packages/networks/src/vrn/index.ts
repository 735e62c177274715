export type { ImportedNetwork } from "../import/imported-network.ts";
export { isNetworkError, NetworkError, type NetworkErrorCode } from "../network-error.ts";
export {
  BUILD_VRN_DEFAULTS,
  type BuildVrnOptions,
  buildVrn,
  type VrnVariant,
} from "./build-vrn.ts";
export { cropVolume } from "./crop-volume.ts";
export { decodeHeatmaps } from "./decode-heatmaps.ts";
export { averageMirroredVolume, decodeVolume, type ProbabilityGrid } from "./decode-volume.ts";
export { importVrn } from "./import-vrn.ts";
export { mirrorVolumeInput } from "./mirror-volume-input.ts";
export { prepareVolumeInput } from "./prepare-volume-input.ts";

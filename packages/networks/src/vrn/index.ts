export type { ImportedNetwork } from "../import/imported-network.ts";
export { isNetworkError, NetworkError, type NetworkErrorCode } from "../network-error.ts";
export {
  BUILD_VRN_DEFAULTS,
  type BuildVrnOptions,
  buildVrn,
  type VrnVariant,
} from "./build-vrn.ts";
export { importVrn } from "./import-vrn.ts";

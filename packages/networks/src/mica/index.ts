export type { ImportedNetwork } from "../import/imported-network.ts";
export { isNetworkError, NetworkError, type NetworkErrorCode } from "../network-error.ts";
export { alignIdentity } from "./align-identity.ts";
export { importMica } from "./import-mica.ts";
export { prepareIdentityInput } from "./prepare-identity-input.ts";

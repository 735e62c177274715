export { importMica } from "../mica/import-mica.ts";
export { isNetworkError, NetworkError, type NetworkErrorCode } from "../network-error.ts";
export { importPix2face } from "../pix2face/import-pix2face.ts";
export { type ImportPixel3dmmOptions, importPixel3dmm } from "../pixel3dmm/import-pixel3dmm.ts";
export { importVrn } from "../vrn/import-vrn.ts";
export { importNetwork } from "./import-network.ts";
export { type ImportedNetwork, sealManifest, type UnsealedManifest } from "./imported-network.ts";

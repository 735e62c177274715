export { averageMirroredSurface } from "./average-mirrored-surface.ts";
export type { DecodePixel3dmmOptions, Pixel3dmmMaps } from "./decode-pixel3dmm.ts";
export { decodePixel3dmm } from "./decode-pixel3dmm.ts";
export { decodeSegmentation, FARL_CLASSES } from "./decode-segmentation.ts";
export { decodeSurfaceMaps } from "./decode-surface-maps.ts";
export type { Segment, SurfaceMaps } from "./surface-maps.ts";
export { SEGMENTS } from "./surface-maps.ts";

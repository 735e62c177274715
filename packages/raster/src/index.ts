export type { Box, Crop, CropSize } from "./crop.ts";
export { cropFromBox } from "./crop-from-box.ts";
export { cropToPhoto } from "./crop-to-photo.ts";
export { type InterpolateOptions, interpolate } from "./interpolate.ts";
export { photoToCrop } from "./photo-to-crop.ts";
export { type Fragments, type RasterizeInput, rasterize } from "./rasterize.ts";
export { type ResampleOptions, resampleCrop } from "./resample-crop.ts";
export { resizeImage } from "./resize-image.ts";

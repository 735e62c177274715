export type { DecimateOptions } from "./decimate.ts";
export { DECIMATE_DEFAULTS, decimate } from "./decimate.ts";
export type { IsosurfaceOptions } from "./isosurface.ts";
export { ISOSURFACE_DEFAULTS, isosurface } from "./isosurface.ts";
export { largestComponent } from "./largest-component.ts";
export { smoothVolume } from "./smooth-volume.ts";
export type { VoxelGrid } from "./voxel-grid.ts";
export { checkGrid } from "./voxel-grid.ts";
export { voxelize } from "./voxelize.ts";

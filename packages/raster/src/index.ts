export {
  composeSheet,
  SHEET_DEFAULTS,
  type SheetCell,
  type SheetOptions,
} from "./compose-sheet.ts";
export type { Box, Crop, CropSize } from "./crop.ts";
export { cropFromBox } from "./crop-from-box.ts";
export { cropToPhoto } from "./crop-to-photo.ts";
export { DRAW_DEFAULTS, type DrawOptions, drawPoints } from "./draw-points.ts";
export { type DrawPolylineOptions, drawPolyline } from "./draw-polyline.ts";
export {
  DRAW_WIREFRAME_DEFAULTS,
  type DrawWireframeOptions,
  drawWireframe,
} from "./draw-wireframe.ts";
export {
  estimateOcclusion,
  OCCLUSION_DEFAULTS,
  type OcclusionOptions,
} from "./estimate-occlusion.ts";
export { type FloatToImageOptions, floatToImage } from "./float-to-image.ts";
export { type InterpolateOptions, interpolate } from "./interpolate.ts";
export { type Light, PORTRAIT_LIGHTS } from "./lights.ts";
export { overlay } from "./overlay.ts";
export { photoToCrop } from "./photo-to-crop.ts";
export {
  PREVIEW_CAMERA_DEFAULTS,
  type PreviewCameraOptions,
  previewCamera,
} from "./preview-camera.ts";
export { type Fragments, type RasterizeInput, rasterize } from "./rasterize.ts";
export { type RasterizeMeshOptions, rasterizeMesh } from "./rasterize-mesh.ts";
export { type RenderNormalsOptions, renderNormals } from "./render-normals.ts";
export { renderOffset } from "./render-offset.ts";
export { renderPncc } from "./render-pncc.ts";
export { type RenderShadedOptions, renderShaded } from "./render-shaded.ts";
export { renderUv } from "./render-uv.ts";
export { type ResampleOptions, resampleCrop } from "./resample-crop.ts";
export { resizeImage } from "./resize-image.ts";
export type { Color } from "./stroke.ts";
export {
  VISIBLE_VERTICES_DEFAULTS,
  type VisibleVerticesOptions,
  visibleVertices,
} from "./visible-vertices.ts";

import * as raster from "@headform/raster";
import { expect, test } from "vitest";

test("exports exactly these names", () => {
  expect(Object.keys(raster).sort()).toEqual([
    "DRAW_DEFAULTS",
    "DRAW_WIREFRAME_DEFAULTS",
    "OCCLUSION_DEFAULTS",
    "PORTRAIT_LIGHTS",
    "PREVIEW_CAMERA_DEFAULTS",
    "SHEET_DEFAULTS",
    "VISIBLE_VERTICES_DEFAULTS",
    "composeSheet",
    "cropFromBox",
    "cropToPhoto",
    "drawPoints",
    "drawPolyline",
    "drawWireframe",
    "estimateOcclusion",
    "floatToImage",
    "interpolate",
    "overlay",
    "photoToCrop",
    "previewCamera",
    "rasterize",
    "rasterizeMesh",
    "renderNormals",
    "renderOffset",
    "renderPncc",
    "renderShaded",
    "renderUv",
    "resampleCrop",
    "resizeImage",
    "visibleVertices",
  ]);
});

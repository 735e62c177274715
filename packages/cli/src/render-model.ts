import type { Mesh } from "@headform/mesh";
import { composeSheet, estimateOcclusion, previewCamera, renderShaded } from "@headform/raster";
import sharp from "sharp";

const CELL = 480;
const VIEWS = [-0.75, 0, 0.75] as const;

/** A head from three sides, as PNG. */
export async function renderModel(mesh: Mesh): Promise<Uint8Array> {
  const size = { width: CELL, height: CELL, occlusion: estimateOcclusion(mesh) };
  const cells = VIEWS.map((yaw) => ({
    image: renderShaded(mesh, previewCamera(mesh, { ...size, yaw }), size),
  }));
  const { width, height, channels, data } = composeSheet(cells, {
    cellWidth: CELL,
    cellHeight: CELL,
  });
  return sharp(data, { raw: { width, height, channels } }).png().toBuffer();
}

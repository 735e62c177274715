import type { Mesh } from "@headform/mesh";
import {
  cropFromBox,
  previewCamera,
  rasterizeMesh,
  renderPncc,
  renderShaded,
  resampleCrop,
  visibleVertices,
} from "@headform/raster";
import { expect, test } from "vitest";

test("the README's example prints what it says", () => {
  const photo = { width: 640, height: 480, channels: 3 as const, data: new Uint8Array(921600) };
  const crop = cropFromBox({ x: 200, y: 100, width: 160, height: 250 }, 1.5);
  const input = resampleCrop(photo, crop, 128);

  const mesh: Mesh = {
    positions: new Float32Array([0, 0, 1, 1, 0, 0, 0, 1, 0, -1, 0, 0, 0, -1, 0]),
    indices: new Uint32Array([0, 1, 2, 0, 2, 3, 0, 3, 4, 0, 4, 1]),
    unit: "none",
  };
  const camera = previewCamera(mesh, { width: 256, height: 256, yaw: 1.2 });
  const fragments = rasterizeMesh(mesh, camera, { width: 256, height: 256 });
  const pncc = renderPncc(fragments, mesh.positions, mesh.indices);
  const picture = renderShaded(mesh, camera, { width: 256, height: 256 });

  expect([crop.side, input.width, pncc.channels, picture.channels]).toEqual([337.5, 128, 3, 4]);
  expect([...visibleVertices(mesh, camera)]).toEqual([1, 0, 1, 1, 1]);
});

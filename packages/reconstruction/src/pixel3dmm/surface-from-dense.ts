import { localizePixels, type SurfaceIndex } from "@headform/morphable-model";
import type { DenseMaps } from "@headform/networks/pix2face";
import type { SurfaceMaps } from "@headform/networks/pixel3dmm";
import { textureVertices } from "./find-vertices.ts";

/**
 * Uv and normals out of a dense network that has no planes for them: the uv of the point of the mean
 * head that each pixel's PNCC names, and the slopes of the moved points `PNCC + offset` from pixel to
 * pixel, which are in the head's frame already.
 *
 * @throws RangeError for a head without uvs
 */
export function surfaceFromDense(index: SurfaceIndex, maps: DenseMaps): SurfaceMaps {
  const { width, height, pncc, offset, visible } = maps;
  const { model } = index;
  const texture = textureVertices(model);
  if (!texture) throw new RangeError("surfaceFromDense: expected a head with uvs, got none");
  const uvOf = new Float32Array((2 * model.mean.length) / 3);
  texture.vertices.forEach((v, t) => {
    uvOf.set(texture.uvs.subarray(2 * t, 2 * t + 2), 2 * v);
  });
  const uv = new Float32Array(2 * width * height);
  const normals = new Float32Array(3 * width * height);
  const located = new Float32Array(width * height);
  const mask = new Float32Array(width * height);
  // 1. Places on the mean head.
  const found = localizePixels(index, maps, { maximum: width * height });
  for (let i = 0; i < found.weights.length; i++) {
    const p = Math.floor(found.pixels[2 * i + 1]) * width + Math.floor(found.pixels[2 * i]);
    located[p] = visible[p];
    for (let corner = 0; corner < 3; corner++) {
      const v = found.vertices[3 * i + corner];
      uv[2 * p] += found.barycentrics![3 * i + corner] * uvOf[2 * v];
      uv[2 * p + 1] += found.barycentrics![3 * i + corner] * uvOf[2 * v + 1];
    }
  }
  // 2. Slopes between the neighbors to either side; the picture's y points down.
  const at = (p: number, axis: number): number => pncc[3 * p + axis] + offset[3 * p + axis];
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      const p = y * width + x;
      const around = [p - 1, p + 1, p - width, p + width];
      if (!(located[p] > 0.5) || around.some((q) => !(located[q] > 0.5))) continue;
      const right = [0, 1, 2].map((axis) => at(p + 1, axis) - at(p - 1, axis));
      const up = [0, 1, 2].map((axis) => at(p - width, axis) - at(p + width, axis));
      const n = [
        right[1] * up[2] - right[2] * up[1],
        right[2] * up[0] - right[0] * up[2],
        right[0] * up[1] - right[1] * up[0],
      ];
      const length = Math.hypot(...n);
      if (!(length > 0)) continue;
      for (let axis = 0; axis < 3; axis++) normals[3 * p + axis] = n[axis] / length;
      mask[p] = located[p];
    }
  }
  return { width, height, uv, normals, mask };
}

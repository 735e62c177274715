import type { Image } from "@headform/mesh";
import type { SurfaceMaps } from "@headform/networks/pixel3dmm";
import { type Crop, cropToPhoto } from "@headform/raster";

/** Values of a mask from which on a pixel counts. */
const LIGHT = 128;

/** @throws RangeError naming both sizes, where a mask is not as large as the photo it belongs to */
export function checkMask(where: string, mask: Image, { width, height }: Image): void {
  if (mask.width === width && mask.height === height) return;
  throw new RangeError(
    `${where}: expected a mask of ${width}×${height}, got ${mask.width}×${mask.height}`,
  );
}

/** The maps where a mask of the whole photo is light; the nearest pixel of the mask decides. */
export function maskSurface(maps: SurfaceMaps, mask: Image, crop: Crop): SurfaceMaps {
  const { width, height } = maps;
  const kept = maps.mask.map((value, p) => {
    const [x, y] = cropToPhoto(crop, maps, (p % width) + 0.5, Math.floor(p / width) + 0.5);
    const [column, row] = [Math.floor(x), Math.floor(y)];
    if (column < 0 || row < 0 || column >= mask.width || row >= mask.height) return 0;
    return mask.data[(row * mask.width + column) * mask.channels] >= LIGHT ? value : 0;
  });
  return { ...maps, width, height, mask: kept };
}

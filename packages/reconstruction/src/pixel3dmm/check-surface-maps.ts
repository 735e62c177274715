import type { SurfaceMaps } from "@headform/networks/pixel3dmm";

/**
 * Refuses maps whose parts do not fit together. What a pixel outside of the mask holds does not matter.
 *
 * @throws RangeError naming the part
 */
export function checkSurfaceMaps(where: string, maps: SurfaceMaps): void {
  const { width, height, mask } = maps;
  const size = width * height;
  if (!Number.isInteger(width) || !Number.isInteger(height) || width < 1 || height < 1) {
    throw new RangeError(`${where}: expected maps of whole pixels, got ${width}×${height}`);
  }
  const parts: [string, ArrayLike<number>, number][] = [
    ["mask", mask, 1],
    ["uv", maps.uv, 2],
    ["normals", maps.normals, 3],
  ];
  if (maps.segments) parts.push(["segments", maps.segments, 1]);
  if (maps.error) parts.push(["error", maps.error, 1]);
  for (const [name, list, channels] of parts) {
    if (list.length !== size * channels) {
      throw new RangeError(
        `${where}: expected ${name} of ${width}×${height}×${channels}, got ${list.length} numbers`,
      );
    }
  }
  for (const [name, list, channels] of parts) {
    for (let p = 0; p < size; p++) {
      if (name !== "mask" && !(mask[p] > 0.5)) continue;
      for (let i = p * channels; i < (p + 1) * channels; i++) {
        if (Number.isFinite(list[i])) continue;
        throw new RangeError(
          `${where}: expected finite ${name}, got ${list[i]} at pixel (${p % width}, ${Math.floor(p / width)})`,
        );
      }
    }
  }
}

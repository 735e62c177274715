import type { SurfaceMaps } from "./surface-maps.ts";

/**
 * The mean of what a network says of a picture and, turned back, of the mirrored picture: `u` becomes
 * `1 − u` and `x` of the normals `−x`, as on a head whose texture and shape are symmetric.
 *
 * Where one of the two is surer by half of being on skin, uv and normals are that one's.
 *
 * @param maps of the picture
 * @param mirrored of the mirrored picture, as the network gave them
 * @throws RangeError when sizes differ
 */
export function averageMirroredSurface(maps: SurfaceMaps, mirrored: SurfaceMaps): SurfaceMaps {
  const { width, height } = maps;
  if (mirrored.width !== width || mirrored.height !== height) {
    throw new RangeError(
      `averageMirroredSurface: expected ${width}×${height}, got ${mirrored.width}×${mirrored.height}`,
    );
  }
  const size = width * height;
  const uv = new Float32Array(2 * size);
  const normals = new Float32Array(3 * size);
  const mask = new Float32Array(size);
  const error = maps.error && mirrored.error && new Float32Array(size);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const i = y * width + x;
      const j = y * width + width - 1 - x;
      const lead = maps.mask[i]! - mirrored.mask[j]!;
      const w = lead > 0.5 ? 1 : lead < -0.5 ? 0 : 0.5;
      mask[i] = (maps.mask[i]! + mirrored.mask[j]!) / 2;
      if (error) error[i] = w * maps.error![i]! + (1 - w) * mirrored.error![j]!;
      uv[2 * i] = w * maps.uv[2 * i]! + (1 - w) * (1 - mirrored.uv[2 * j]!);
      uv[2 * i + 1] = w * maps.uv[2 * i + 1]! + (1 - w) * mirrored.uv[2 * j + 1]!;
      const nx = w * maps.normals[3 * i]! - (1 - w) * mirrored.normals[3 * j]!;
      const ny = w * maps.normals[3 * i + 1]! + (1 - w) * mirrored.normals[3 * j + 1]!;
      const nz = w * maps.normals[3 * i + 2]! + (1 - w) * mirrored.normals[3 * j + 2]!;
      const length = Math.hypot(nx, ny, nz) || 1;
      normals[3 * i] = nx / length;
      normals[3 * i + 1] = ny / length;
      normals[3 * i + 2] = nz / length;
    }
  }
  return { ...maps, uv, normals, mask, ...(error && { error }) };
}

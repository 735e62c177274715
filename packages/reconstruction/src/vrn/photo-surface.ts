import type { Image, Mesh } from "@headform/mesh";
import type { ProbabilityGrid } from "@headform/networks/vrn";
import { type Crop, type CropSize, cropToPhoto } from "@headform/raster";
import { isosurface, type OfficialSurface, officialSurface } from "@headform/volume";

/** How a volume becomes a surface: where its probability is one half, or as VRN's own programs do. */
export type VolumeSurface = "soft" | OfficialSurface;

/** Every way there is. */
export const VOLUME_SURFACES: readonly VolumeSurface[] = ["soft", "raw2obj", "docker", "matlab"];

/**
 * The surface of a volume over the photo: x to the right and y up in photo pixels (y = −row), z towards
 * the viewer in the same unit; right-handed, triangles counter-clockwise from outside.
 *
 * @param grid in pixels of the network's input
 * @param crop the square of the photo that the input covers
 * @param size of the network's input, pixels
 */
export function photoSurface(
  grid: ProbabilityGrid,
  crop: Crop,
  size: { readonly width: number; readonly height: number },
  surface: VolumeSurface,
): Mesh {
  const { positions, indices } =
    surface === "soft" ? isosurface(grid, { normals: false }) : officialSurface(grid, surface);
  const scale = crop.side / Math.max(size.width, size.height);
  const placed = new Float32Array(positions.length);
  for (let i = 0; i < placed.length; i += 3) {
    const [u, v] = cropToPhoto(crop, size as CropSize, positions[i], positions[i + 1]);
    placed[i] = u;
    placed[i + 1] = -v;
    placed[i + 2] = positions[i + 2] * scale;
  }
  // A mirror image has its triangles the other way round.
  const turned = indices.slice();
  for (let i = 0; i < turned.length; i += 3) {
    turned[i + 1] = indices[i + 2];
    turned[i + 2] = indices[i + 1];
  }
  return { positions: placed, indices: turned, unit: "none" };
}

/** [V×3] the photo's color where each vertex is seen, of the nearest pixel, as VRN's programs take it. */
export function photoColors({ positions }: Mesh, image: Image): Uint8Array {
  const { width, height, channels, data } = image;
  const colors = new Uint8Array(positions.length);
  for (let i = 0; i < positions.length; i += 3) {
    const x = Math.max(0, Math.min(width - 1, Math.floor(positions[i])));
    const y = Math.max(0, Math.min(height - 1, Math.floor(-positions[i + 1])));
    const at = (y * width + x) * channels;
    for (let c = 0; c < 3; c++) colors[i + c] = data[at + (channels === 1 ? 0 : c)];
  }
  return colors;
}

import type { Tensor, VolumeManifest } from "@headform/inference";
import { LANDMARKS } from "./guide.ts";

/** Pixels around the highest one that say where between them the landmark is. */
const REACH = 2;

/**
 * Reads the heatmaps of VRN-Multitask: each landmark at the center of mass around its map's highest
 * pixel.
 *
 * @param heatmaps [1×68×h×w] float32
 * @param manifest the network's, which has landmarks
 * @returns [68×2] pixels of the network's input, centers at half-integers
 * @throws RangeError when the shape or type is not the manifest's
 * @see VRN, §3.3
 */
export function decodeHeatmaps(
  heatmaps: Tensor,
  manifest: Pick<VolumeManifest, "input" | "output">,
): Float64Array {
  const { landmarks } = manifest.output;
  const dims = [1, LANDMARKS, landmarks?.height, landmarks?.width];
  if (!landmarks || heatmaps.type !== "float32" || heatmaps.dims.join() !== dims.join()) {
    throw new RangeError(
      `decodeHeatmaps: expected float32 [${dims}], got ${heatmaps.type} [${heatmaps.dims}]`,
    );
  }
  const { width, height } = landmarks;
  const data = heatmaps.data as Float32Array;
  const out = new Float64Array(2 * LANDMARKS);
  for (let n = 0; n < LANDMARKS; n++) {
    const plane = data.subarray(n * width * height, (n + 1) * width * height);
    let best = 0;
    for (let i = 1; i < plane.length; i++) if (plane[i]! > plane[best]!) best = i;
    const [bx, by] = [best % width, Math.floor(best / width)];
    let [sum, u, v] = [0, 0, 0];
    for (let y = Math.max(0, by - REACH); y <= Math.min(height - 1, by + REACH); y++) {
      for (let x = Math.max(0, bx - REACH); x <= Math.min(width - 1, bx + REACH); x++) {
        const weight = Math.max(0, plane[y * width + x]!);
        sum += weight;
        u += weight * (x + 0.5);
        v += weight * (y + 0.5);
      }
    }
    out[2 * n] = ((sum > 0 ? u / sum : bx + 0.5) * manifest.input.width) / width;
    out[2 * n + 1] = ((sum > 0 ? v / sum : by + 0.5) * manifest.input.height) / height;
  }
  return out;
}

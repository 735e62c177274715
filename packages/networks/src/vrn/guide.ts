import type { VolumeManifest } from "@headform/inference";

/** Landmarks that guide a volume network, or that it finds. */
export const LANDMARKS = 68;

/**
 * The planes that guide a volume network: at each landmark a Gaussian of height 1,
 * exp(−d²/2σ²) up to d = diameter/2, 0 beyond. A landmark that is not finite leaves its plane empty.
 *
 * @param landmarks [68×2] pixels of the network's input, centers at half-integers
 * @param out [68×height×width] zeros, written to
 * @see VRN, §3.3: σ = 1, approximate diameter of 6 pixels
 */
export function drawGuide(
  out: Float32Array,
  landmarks: ArrayLike<number>,
  width: number,
  height: number,
  { sigma, diameter }: NonNullable<VolumeManifest["guide"]>,
): void {
  const reach = diameter / 2;
  for (let n = 0; n < LANDMARKS; n++) {
    const [u, v] = [landmarks[2 * n]!, landmarks[2 * n + 1]!];
    if (!Number.isFinite(u) || !Number.isFinite(v)) continue;
    const plane = out.subarray(n * width * height, (n + 1) * width * height);
    for (let y = Math.max(0, Math.floor(v - reach)); y < Math.min(height, v + reach); y++) {
      for (let x = Math.max(0, Math.floor(u - reach)); x < Math.min(width, u + reach); x++) {
        const squared = (x + 0.5 - u) ** 2 + (y + 0.5 - v) ** 2;
        if (squared > reach * reach) continue;
        plane[y * width + x] = Math.exp(-squared / (2 * sigma * sigma));
      }
    }
  }
}

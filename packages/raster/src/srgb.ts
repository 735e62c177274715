/** Linear light 0…1 of each sRGB byte. Private to the package. */
export const LINEAR_FROM_SRGB: Float32Array = Float32Array.from({ length: 256 }, (_, byte) => {
  const value = byte / 255;
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
});

const STEPS = 4096;
const SRGB_FROM_LINEAR = Float32Array.from({ length: STEPS + 1 }, (_, step) => {
  const value = step / STEPS;
  return 255 * (value <= 0.0031308 ? value * 12.92 : 1.055 * value ** (1 / 2.4) - 0.055);
});

/** sRGB 0…255, not rounded, of linear light; saturates. Private to the package. */
export function srgbFromLinear(value: number): number {
  if (!(value > 0)) return 0;
  if (value >= 1) return 255;
  // The table is interpolated: the curve is too steep near black for its nearest entry.
  const at = value * STEPS;
  const step = Math.floor(at);
  const low = SRGB_FROM_LINEAR[step];
  return low + (at - step) * (SRGB_FROM_LINEAR[step + 1] - low);
}

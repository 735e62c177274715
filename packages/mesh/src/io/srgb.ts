/** Light intensity in [0, 1] of an sRGB level in [0, 1]; IEC 61966-2-1. */
export function linearFromSrgb(level: number): number {
  return level <= 0.04045 ? level / 12.92 : ((level + 0.055) / 1.055) ** 2.4;
}

/** sRGB level in [0, 1] of a light intensity in [0, 1]. */
export function srgbFromLinear(intensity: number): number {
  return intensity <= 0.0031308 ? 12.92 * intensity : 1.055 * intensity ** (1 / 2.4) - 0.055;
}

import { createRandom } from "@headform/core-math";
import type { AlbedoCoefficients, AlbedoModes } from "@headform/morphable-model";

/** Share of heads whose eyes are brown, as the mean's are. */
const BROWN = 0.5;
/** So that a head's skin does not follow from its shape. */
const SALT = 7919;

/** Skin and eyes of a random person: skins as different as those the modes were learned from. */
export function drawAlbedo(
  { skinRange, eyeNames }: AlbedoModes,
  seed: number,
): Required<AlbedoCoefficients> {
  const random = createRandom(seed + SALT);
  const skin = Float64Array.from({ length: skinRange.length / 2 }, (_, k) => {
    const [lowest, highest] = skinRange.subarray(2 * k, 2 * k + 2);
    // The first tells dark from light, and there are as many people between as at either end.
    if (k === 0) return lowest + random.uniform() * (highest - lowest);
    return Math.max(lowest, Math.min(highest, random.normal()));
  });
  const eyes = new Float64Array(eyeNames.length);
  if (random.uniform() > BROWN) eyes[random.integer(eyes.length)] = 0.4 + 0.6 * random.uniform();
  return { skin, eyes };
}

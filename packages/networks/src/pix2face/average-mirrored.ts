import type { DenseMaps } from "./dense-maps.ts";
import { mirrorMaps } from "./mirror-maps.ts";

/**
 * The mean of what a network says of a picture and, turned back, of the mirrored picture.
 * Where only one of the two sees the face, positions and offsets are that one's.
 *
 * @param maps of the picture
 * @param mirrored of the mirrored picture, as the network gave them
 * @throws RangeError when sizes or units differ
 */
export function averageMirrored(maps: DenseMaps, mirrored: DenseMaps): DenseMaps {
  if (
    maps.width !== mirrored.width ||
    maps.height !== mirrored.height ||
    maps.unit !== mirrored.unit
  ) {
    throw new RangeError(
      `averageMirrored: expected ${maps.width}×${maps.height} in ${maps.unit}, got ${mirrored.width}×${mirrored.height} in ${mirrored.unit}`,
    );
  }
  const back = mirrorMaps(mirrored);
  // A mask that is exactly 0 (a network without logits) says that there is no position either.
  const weight = (own: number, other: number): number =>
    own > 0 && other <= 0 ? 1 : other > 0 && own <= 0 ? 0 : 0.5;
  const pncc = new Float32Array(maps.pncc.length);
  const offset = new Float32Array(maps.offset.length);
  const visible = new Float32Array(maps.visible.length);
  const face = new Float32Array(maps.face.length);
  for (let i = 0; i < visible.length; i++) {
    const w = weight(maps.face[i]!, back.face[i]!);
    for (let k = 3 * i; k < 3 * i + 3; k++) {
      pncc[k] = w * maps.pncc[k]! + (1 - w) * back.pncc[k]!;
      offset[k] = w * maps.offset[k]! + (1 - w) * back.offset[k]!;
    }
    visible[i] = (maps.visible[i]! + back.visible[i]!) / 2;
    face[i] = (maps.face[i]! + back.face[i]!) / 2;
  }
  const { expectedError, ...rest } = maps;
  const error =
    expectedError &&
    back.expectedError &&
    expectedError.map((own, i) => (own + back.expectedError![i]!) / 2);
  return { ...rest, pncc, offset, visible, face, ...(error && { expectedError: error }) };
}

import type { FloatImage } from "@headform/mesh";
import { interpolate } from "./interpolate.ts";
import type { Fragments } from "./rasterize.ts";

/**
 * Offset from the mean face per pixel [H×W×3]: the seen point of the deformed face minus its place
 * on the mean face, both in the model frame and unit; 0 off the mesh. PNCC + offset is the seen
 * point in the model frame.
 *
 * @param fragments what each pixel sees of the posed mesh.
 * @param positions [V×3] the deformed face, model frame.
 * @param meanPositions [V×3] the mean face.
 * @param indices [F×3] the triangles drawn.
 * @throws RangeError when the lengths do not fit together.
 * @see pix2face, section 3.1
 */
export function renderOffset(
  fragments: Fragments,
  positions: Float32Array | Float64Array,
  meanPositions: Float32Array | Float64Array,
  indices: Uint32Array,
): FloatImage {
  if (positions.length !== meanPositions.length) {
    throw new RangeError(
      `renderOffset: expected positions and meanPositions of one length, got ${positions.length} and ${meanPositions.length}`,
    );
  }
  const offsets = Float64Array.from(positions, (value, i) => value - meanPositions[i]);
  return interpolate(fragments, offsets, indices, 3);
}

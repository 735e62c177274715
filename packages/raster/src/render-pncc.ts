import type { FloatImage } from "@headform/mesh";
import { interpolate } from "./interpolate.ts";
import type { Fragments } from "./rasterize.ts";

/**
 * Projected normalized coordinate code [H×W×3]: at each pixel the place on the mean face of the
 * surface point that is seen there, in the mean's unit; 0 off the mesh.
 *
 * @param fragments what each pixel sees of the posed mesh.
 * @param meanPositions [V×3] the mean face, of the same topology.
 * @param indices [F×3] the triangles drawn.
 * @throws RangeError when the lengths do not fit together.
 * @see pix2face, section 3.1: the representation that the network predicts
 */
export function renderPncc(
  fragments: Fragments,
  meanPositions: Float32Array | Float64Array,
  indices: Uint32Array,
): FloatImage {
  return interpolate(fragments, meanPositions, indices, 3);
}

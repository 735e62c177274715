import { type Camera, projectPoints } from "@headform/camera";

/** A frame whose head was fitted and whose landmarks are known. */
export interface LandmarkFrame {
  /** [V×3] vertices of the fitted head. */
  readonly positions: ArrayLike<number>;
  /** The fitted camera. */
  readonly camera: Camera;
  /** [L×2] true landmarks, pixels; NaN leaves one out. */
  readonly landmarks: ArrayLike<number>;
  /** Length that the frame's errors are divided by, pixels, such as the face's size; 1 unless told. */
  readonly size?: number;
}

/** The vertices that are best for landmarks. */
export interface SelectedVertices {
  /** [L] vertex of each landmark; −1 for one that no frame has. */
  readonly vertices: Int32Array;
  /** [L] its mean reprojection error over the frames, pixels over `size`; NaN without a frame. */
  readonly errors: Float64Array;
}

/**
 * The mesh vertex that stands best for each landmark: over all frames, the one of least mean
 * distance between its projection and the landmark.
 *
 * @param frames fitted heads with true landmarks, at least 1
 * @param candidates [n] vertices to choose among; all unless told
 * @throws RangeError without frames, when their lengths disagree, or for a candidate out of range
 * @see Pix2Face, section 4
 */
export function selectLandmarkVertices(
  frames: readonly LandmarkFrame[],
  candidates?: ArrayLike<number>,
): SelectedVertices {
  const verb = "selectLandmarkVertices";
  if (frames.length === 0) throw new RangeError(`${verb}: expected at least 1 frame, got 0`);
  const size = frames[0].positions.length;
  const count = frames[0].landmarks.length / 2;
  const among = candidates ?? Uint32Array.from({ length: size / 3 }, (_, v) => v);
  for (let i = 0; i < among.length; i++) {
    if (!(among[i] >= 0 && among[i] < size / 3)) {
      throw new RangeError(`${verb}: expected candidates below ${size / 3}, got ${among[i]}`);
    }
  }
  // 1. Sums of errors of all pairs.
  const sums = new Float64Array(count * among.length);
  const seen = new Float64Array(count);
  for (const { positions, camera, landmarks, size: unit = 1 } of frames) {
    if (positions.length !== size || landmarks.length !== 2 * count) {
      throw new RangeError(
        `${verb}: expected ${size / 3} vertices and ${count} landmarks in each frame, got ${positions.length / 3} and ${landmarks.length / 2}`,
      );
    }
    if (!(unit > 0)) throw new RangeError(`${verb}: expected size above 0, got ${unit}`);
    const projected = projectPoints(camera, positions);
    for (let l = 0; l < count; l++) {
      const u = landmarks[2 * l];
      const v = landmarks[2 * l + 1];
      if (!Number.isFinite(u + v)) continue;
      seen[l]++;
      for (let i = 0; i < among.length; i++) {
        const at = 3 * among[i];
        const du = projected[at] - u;
        const dv = projected[at + 1] - v;
        sums[l * among.length + i] += Math.sqrt(du * du + dv * dv) / unit;
      }
    }
  }
  // 2. The least of each landmark; a vertex behind a camera has NaN and is never the least.
  const vertices = new Int32Array(count).fill(-1);
  const errors = new Float64Array(count).fill(Number.NaN);
  for (let l = 0; l < count; l++) {
    if (seen[l] === 0) continue;
    let least = Infinity;
    for (let i = 0; i < among.length; i++) {
      const sum = sums[l * among.length + i];
      if (!(sum < least)) continue;
      least = sum;
      vertices[l] = among[i];
      errors[l] = sum / seen[l];
    }
  }
  return { vertices, errors };
}

import { applySimilarity, type Similarity } from "@headform/mesh";
import { alignToScan } from "./align-to-scan.ts";
import { checkPoints } from "./check-points.ts";
import { measureScan } from "./measure-scan.ts";
import { alignLandmarks, type PredictedFace, type ScannedFace } from "./measured-face.ts";

export interface MeasureNowOptions {
  /** Whether the prediction's size counts (NoW's metrical form); it is fitted unless told. */
  readonly metrical?: boolean;
}

/** What NoW says of one face. */
export interface NowMeasures {
  /** [n] distance of each of the scan's points around the face, in the scan's unit. */
  readonly distances: Float64Array;
  /** Carries the prediction to the scan. */
  readonly similarity: Similarity;
}

/** Of the 68 points those seven that NoW uses, in its order. */
export const NOW_LANDMARKS: readonly number[] = [36, 39, 42, 45, 33, 48, 54];

/**
 * The NoW benchmark's distances of one neutral face: the scan is cut to a ball around the face, the
 * prediction is aligned by seven landmarks and then with the scan, and each point of the scan is
 * measured to the prediction's surface. The figures of NoW are the median, mean and standard
 * deviation (`summarizeErrors`) of the distances of all faces together.
 *
 * The ball's center is 0.3 of the way from the base of the nose up to the middle of the inner eye
 * corners, its radius 0.7 · (distance of the outer eye corners + length of the nose).
 *
 * @param predicted landmarks [7×3]: outer and inner corner of the right eye, inner and outer corner
 *   of the left eye, base of the nose, right and left corner of the mouth ({@link NOW_LANDMARKS})
 * @param scan landmarks [7×3] in the same order
 * @throws RangeError when there are not 7 landmarks each, fewer than 3 points are near the face, or
 *   a number is not finite
 * @see Sanyal et al. 2019, "Learning to Regress 3D Face Shape and Expression from an Image without 3D
 *   Supervision", section 5
 */
export function measureNow(
  predicted: PredictedFace,
  scan: ScannedFace,
  options: MeasureNowOptions = {},
): NowMeasures {
  const { metrical = false } = options;
  for (const landmarks of [predicted.landmarks, scan.landmarks]) {
    if (landmarks.length !== 21) {
      throw new RangeError(`measureNow: expected 7 landmarks [7×3], got ${landmarks.length / 3}`);
    }
  }
  // 1. The face region.
  checkPoints("measureNow", "points", scan.positions);
  const initial = alignLandmarks("measureNow", predicted.landmarks, scan.landmarks, !metrical);
  const points = cutToFace(scan.positions, scan.landmarks);
  checkPoints("measureNow", "points around the face", points, 3);
  // 2. Landmarks, then the whole region.
  const { similarity } = alignToScan(predicted, points, { initial, scale: !metrical });
  // 3. Distances from the scan.
  const positions = applySimilarity(similarity, predicted.positions);
  const { distances } = measureScan(points, { positions, indices: predicted.indices });
  return { distances, similarity };
}

function cutToFace(points: ArrayLike<number>, landmarks: ArrayLike<number>): Float64Array {
  const at = (l: number): number[] => [0, 1, 2].map((axis) => landmarks[3 * l + axis]);
  const [outerRight, innerRight, innerLeft, outerLeft, base] = [0, 1, 2, 3, 4].map(at);
  const bridge = innerRight.map((value, axis) => (value + innerLeft[axis]) / 2);
  const center = base.map((value, axis) => value + 0.3 * (bridge[axis] - value));
  const radius = 0.7 * (distance(outerRight, outerLeft) + distance(bridge, base));
  const kept: number[] = [];
  for (let i = 0; i < points.length; i += 3) {
    const point = [points[i], points[i + 1], points[i + 2]];
    if (distance(point, center) <= radius) kept.push(...point);
  }
  return Float64Array.from(kept);
}

function distance(a: readonly number[], b: readonly number[]): number {
  return Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
}

import { applySimilarity, type Similarity } from "@headform/mesh";
import { alignToScan } from "./align-to-scan.ts";
import { chamferDistance } from "./chamfer-distance.ts";
import { measureScan } from "./measure-scan.ts";
import { alignLandmarks, type PredictedFace, type ScannedFace } from "./measured-face.ts";
import { normalConsistency } from "./normal-consistency.ts";
import { recallWithin } from "./recall-within.ts";

/** A scan as Pixel3DMM's benchmark has it. */
export interface Pixel3dmmScan extends ScannedFace {
  /** [N×3] normals of the points; without them there is no normal consistency. */
  readonly normals?: ArrayLike<number>;
  /** [N] 0 for points that do not count: hair, neck, ears, mouth interior. All count unless told. */
  readonly mask?: ArrayLike<number>;
}

export interface MeasurePixel3dmmOptions {
  /** Distance within which a point counts as recalled, in the scan's unit: 2.5 for millimeters. */
  readonly threshold?: number;
  /** Whether the prediction is scaled too; the benchmark's alignment is rigid. */
  readonly scale?: boolean;
}

/** Defaults of {@link measurePixel3dmm}: a scan in millimeters. */
export const MEASURE_PIXEL3DMM_DEFAULTS: { readonly threshold: number; readonly scale: boolean } = {
  threshold: 2.5,
  scale: false,
};

/** What the benchmark says of one face. */
export interface Pixel3dmmMeasures {
  /** Mean distances from the scan to the prediction, in the scan's unit. */
  readonly l1: number;
  readonly l2: number;
  /** Mean cosine of the normals; absent without normals. */
  readonly normalConsistency?: number;
  /** Share of the scan's points within the threshold, 0 to 1. */
  readonly recall: number;
  /** Carries the prediction to the scan. */
  readonly similarity: Similarity;
  /** [n] distance of each point that counts. */
  readonly distances: Float64Array;
}

/**
 * Pixel3DMM's measures of a posed or neutral face: the prediction is aligned rigidly, by landmarks,
 * then by ICP with the points that count; then L1 and L2 Chamfer distance from the scan, normal
 * consistency and recall.
 *
 * @param predicted in the unit of the scan
 * @throws RangeError when lengths disagree, fewer than 3 landmarks or points count, or a number is
 *   not finite
 * @see Pixel3DMM, section 4.2
 */
export function measurePixel3dmm(
  predicted: PredictedFace,
  scan: Pixel3dmmScan,
  options: MeasurePixel3dmmOptions = {},
): Pixel3dmmMeasures {
  const { threshold, scale } = { ...MEASURE_PIXEL3DMM_DEFAULTS, ...options };
  const where = "measurePixel3dmm";
  const { mask, normals } = scan;
  checkCompanion(scan.positions, "mask", mask, 1);
  checkCompanion(scan.positions, "normals", normals, 3);
  const points = select(scan.positions, mask);
  // 1. Landmarks, then the whole scan.
  const initial = alignLandmarks(where, predicted.landmarks, scan.landmarks, scale);
  const { similarity } = alignToScan(predicted, points, { initial, scale });
  // 2. Distances from the scan.
  const moved = {
    positions: applySimilarity(similarity, predicted.positions),
    indices: predicted.indices,
  };
  const found = measureScan(points, moved);
  return {
    ...chamferDistance(points, moved, found),
    ...(normals && {
      normalConsistency: normalConsistency(points, select(normals, mask), moved, found),
    }),
    recall: recallWithin(found.distances, threshold),
    similarity,
    distances: found.distances,
  };
}

function checkCompanion(
  positions: ArrayLike<number>,
  name: string,
  companion: ArrayLike<number> | undefined,
  stride: number,
): void {
  const length = (positions.length / 3) * stride;
  if (companion && companion.length !== length) {
    throw new RangeError(
      `measurePixel3dmm: expected ${name} of length ${length}, got ${companion.length}`,
    );
  }
}

/** The rows [n×3] that count. */
function select(rows: ArrayLike<number>, mask: ArrayLike<number> | undefined): Float64Array {
  return Float64Array.from(rows).filter((_, i) => mask?.[Math.floor(i / 3)] !== 0);
}

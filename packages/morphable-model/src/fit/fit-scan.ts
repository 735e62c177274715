import {
  alignIcp,
  applySimilarity,
  type ClosestPoints,
  checkMesh,
  closestPoints,
  computeNormals,
  createTriangleIndex,
  invertSimilarity,
  type Mesh,
  refitTriangleIndex,
  type Similarity,
  type TriangleIndex,
} from "@headform/mesh";
import { evaluate } from "../evaluate.ts";
import { MorphableModelError } from "../morphable-model-error.ts";
import type { PcaModel } from "../pca-model.ts";
import type { SkinnedModel, SurfacePoints } from "../skinned-model.ts";
import { sizeOf } from "./choose-landmarks.ts";
import { checkPositive, type FittedPlacedHead, fitLandmarks3d } from "./fit-landmarks-3d.ts";
import { fitPoints, type PlacedHead, placedHead } from "./fit-points.ts";
import { type HeadUnknownsOptions, headOf, headUnknowns } from "./head-unknowns.ts";
import { outerTriangles } from "./outer-triangles.ts";

/** Options of {@link fitScan}. */
export interface FitScanOptions extends HeadUnknownsOptions {
  /** [L×3] the model's landmarks on the scan, as for `fitLandmarks3d`; NaN leaves one out. */
  readonly landmarks?: ArrayLike<number>;
  /** Where the head stands, model to scan; without it and landmarks: the axes agree roughly. */
  readonly initial?: Similarity;
  /** Noise that the scan is taken to have at least, in the scan's unit; see the defaults. */
  readonly noise?: number;
  /** Greatest number of scan vertices that take part, spread evenly over their list. */
  readonly maximum?: number;
  readonly maxIterations?: number;
}

/** A head fitted to a scan. */
export interface FittedScan extends FittedPlacedHead {
  /** Number of scan vertices that took part in the last iteration. */
  readonly inliers: number;
}

/** Defaults of {@link fitScan}; noise as a fraction of the model's size (0.1 mm on a head). */
export const FIT_SCAN_DEFAULTS: {
  readonly noise: number;
  readonly maximum: number;
  readonly maxIterations: number;
} = { noise: 1e-3, maximum: 2500, maxIterations: 40 };

/** Points beyond this many standard deviations are no part of the head. */
const OUTLIER = 4;
/** Least cosine between the scan's normal and the model's. */
const FACING = 0.3;
/** How much a displacement along the surface counts, at the start and at the end. */
const SLIDING = { first: 0.5, last: 0.02 } as const;
/** How many independent measurements the points count for: neighbors on a scan err together. */
const INDEPENDENT = 1000;

/**
 * A head of a scan, whole or in part: placed by landmarks or ICP, then closest points on the head
 * and damped Gauss–Newton over placing, shape, expression and jaw, point-to-plane, in turns:
 * `min ½ Σ ρ(nᵢ·(yᵢ − (s·R·xᵢ + t)))²/σ² + ½ Σ (cₖ/σₖ)²`.
 *
 * Each scan vertex looks for the head, so a scan of the face alone does; vertices far from it or
 * turned elsewhere (hair, shoulders) are left out. The noise σ starts at what is found and falls
 * with it. Between units "m" and "mm" the scale is known and kept; otherwise it is estimated.
 *
 * @param model the morphable model
 * @param scan positions [N×3]; with triangles their normals take part
 * @throws RangeError, TypeError for a scan that `checkMesh` refuses, or an option out of range
 * @throws MorphableModelError "too-few-constraints" when fewer than 50 vertices find the head
 * @see Li et al., Learning a model of facial shape and expression from 4D scans, 2017, section 5;
 *   Amberg, Romdhani, Vetter, Optimal step nonrigid ICP algorithms for surface registration, 2007
 */
export function fitScan(
  model: PcaModel | SkinnedModel,
  scan: Mesh,
  options: FitScanOptions = {},
): FittedScan {
  const verb = "fitScan";
  checkMesh(scan, verb);
  const { maximum, maxIterations } = { ...FIT_SCAN_DEFAULTS, ...options };
  checkPositive(verb, "maximum", maximum);
  checkPositive(verb, "maxIterations", maxIterations);
  const unknowns = headUnknowns(verb, model, options);
  const scale = unitRatio(model.unit, scan.unit);

  // 1. The scan's vertices that take part, and their normals.
  const data = sampleScan(scan, maximum);
  if (data.points.length < 150) throw tooFew(data.points.length / 3);

  // 2. Where the head stands.
  const triangles = outerTriangles(model);
  let state: PlacedHead = {
    x: new Float64Array(unknowns.columns),
    similarity: startOf(model, data.points, triangles, scale, options),
  };
  const least =
    options.noise ?? FIT_SCAN_DEFAULTS.noise * sizeOf(evaluate(model), 3) * state.similarity.scale;
  checkPositive(verb, "noise", least);

  // 3. Closest points and a step, in turns.
  const placing = scale === undefined ? "similarity" : "rigid";
  let cost = 0;
  let iterations = 0;
  let status: FittedScan["status"] = "max-iterations";
  let previous = Infinity;
  const still = createTriangleIndex(
    { positions: evaluate(model), indices: model.indices },
    triangles,
  );
  let matches = match(model, unknowns, data, state, still, least);
  while (iterations < maxIterations) {
    iterations++;
    const share = iterations / Math.min(maxIterations, 15);
    const sliding = Math.max(SLIDING.last, SLIDING.first * (SLIDING.last / SLIDING.first) ** share);
    const precision = Math.min(1, INDEPENDENT / matches.chosen.length) / matches.noise ** 2;
    const found = fitPoints(
      unknowns,
      {
        at: matches.at,
        targets: matches.targets,
        precisions: matches.weights.map((w) => w * precision),
        normals: matches.normals,
        sliding,
      },
      state,
      placing,
      1,
    );
    state = found.state;
    cost = found.cost;
    matches = match(model, unknowns, data, state, still, least);
    // Done when the surface comes no nearer by a thousandth of its distance.
    const gain = Math.abs(previous - matches.residual);
    if (share >= 1 && gain <= 1e-3 * matches.residual + 1e-3 * least) {
      status = "converged";
      break;
    }
    previous = matches.residual;
  }
  return {
    ...placedHead(unknowns, state),
    similarity: state.similarity,
    residual: matches.residual,
    inliers: matches.chosen.length,
    cost,
    iterations,
    status,
  };
}

interface ScanSample {
  /** [N×3] */
  readonly points: Float64Array;
  /** [N×3] absent for a cloud of points. */
  readonly normals?: Float64Array;
}

function sampleScan(scan: Mesh, maximum: number): ScanSample {
  const total = scan.positions.length / 3;
  const count = Math.min(total, Math.floor(maximum));
  const pick = (list: Float32Array): Float64Array =>
    Float64Array.from(
      { length: 3 * count },
      (_, i) => list[3 * Math.floor((Math.floor(i / 3) * total) / count) + (i % 3)],
    );
  const normals = scan.normals ?? (scan.indices.length > 0 ? computeNormals(scan) : undefined);
  return { points: pick(scan.positions), ...(normals && { normals: pick(normals) }) };
}

function startOf(
  model: PcaModel | SkinnedModel,
  points: Float64Array,
  triangles: Uint32Array,
  scale: number | undefined,
  options: FitScanOptions,
): Similarity {
  if (options.landmarks) {
    // A start only: few modes, so that a landmark set by hand moves no more than the placing.
    return fitLandmarks3d(model, options.landmarks, {
      shapeCount: Math.min(10, model.shapeStandardDeviations.length),
      expressionCount: 0,
      noise: 0.03 * sizeOf(finite(options.landmarks), 3),
      ...(scale !== undefined && { scale }),
    }).similarity;
  }
  const mean = evaluate(model);
  // ICP from the scan to the model, so that the scan may be a part; then turned round.
  const surface = createTriangleIndex({ positions: mean, indices: model.indices }, triangles);
  const thin = points.filter((_, i) => Math.floor(i / 3) % Math.ceil(points.length / 2400) === 0);
  const starts = options.initial
    ? [options.initial]
    : startTranslations(mean, model.indices, triangles, thin, scale).map((translation) => ({
        scale: scale ?? 1,
        rotation: Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1),
        translation,
      }));
  const placed = starts.map((initial) =>
    alignIcp(thin, surface, {
      initial: invertSimilarity(initial),
      trim: 0.3,
      scale: scale === undefined,
    }),
  );
  return invertSimilarity(placed.reduce((a, b) => (b.residual < a.residual ? b : a)).similarity);
}

/**
 * Where the scan may lie, its axes being the model's: about the same origin, as a scan of the whole
 * head (the middles of both agree), or of the face (their fronts do).
 */
function startTranslations(
  mean: Float32Array,
  indices: Uint32Array,
  triangles: Uint32Array,
  points: Float64Array,
  scale: number | undefined,
): Float64Array[] {
  // Of unknown units residuals cannot be compared: the smallest scan would win.
  if (scale === undefined) return [new Float64Array(3)];
  const outer = Float64Array.from(
    Array.from(triangles).flatMap((t) => [0, 1, 2].map((a) => mean[3 * indices[3 * t] + a])),
  );
  const [from, to] = [boundsOf(outer), boundsOf(points)];
  const along = (axis: number, end: "middle" | "highest"): number =>
    to[end][axis] - scale * from[end][axis];
  const middle = [0, 1, 2].map((axis) => along(axis, "middle"));
  const front = [middle[0], middle[1], along(2, "highest")];
  return [[0, 0, 0], middle, front].map((translation) => Float64Array.from(translation));
}

function boundsOf(points: Float64Array): { middle: number[]; highest: number[] } {
  const lowest = [Infinity, Infinity, Infinity];
  const highest = lowest.map((value) => -value);
  for (let i = 0; i < points.length; i++) {
    lowest[i % 3] = Math.min(lowest[i % 3], points[i]);
    highest[i % 3] = Math.max(highest[i % 3], points[i]);
  }
  return { middle: lowest.map((value, a) => (value + highest[a]) / 2), highest };
}

interface Matches {
  readonly chosen: readonly number[];
  readonly at: SurfacePoints;
  readonly targets: Float64Array;
  readonly normals: Float64Array;
  readonly weights: Float64Array;
  readonly noise: number;
  /** Root mean square distance of those chosen. */
  readonly residual: number;
}

/** Closest points of the head, without what is no part of it. */
function match(
  model: PcaModel | SkinnedModel,
  unknowns: Parameters<typeof headOf>[0],
  { points, normals }: ScanSample,
  { x, similarity }: PlacedHead,
  still: TriangleIndex,
  least: number,
): Matches {
  // 1. In the model's frame, where the head is.
  const positions = evaluate(model, headOf(unknowns, x));
  const index = refitTriangleIndex(still, positions);
  const closest = closestPoints(index, applySimilarity(invertSimilarity(similarity), points));
  // 2. Facing the same way, and within what the others are.
  const placed = applySimilarity(similarity, closest.points);
  const directions = faceNormals(positions, model.indices, closest, similarity);
  const facing: number[] = [];
  for (let i = 0; i < closest.triangles.length; i++) {
    let cosine = 1;
    if (normals) {
      cosine = 0;
      for (let a = 3 * i; a < 3 * i + 3; a++) cosine += normals[a] * directions[a];
    }
    if (cosine > FACING) facing.push(i);
  }
  if (facing.length < 50) throw tooFew(facing.length);
  const distances = facing.map((i) => similarity.scale * Math.sqrt(closest.squaredDistances[i]));
  const median = Float64Array.from(distances).sort()[distances.length >> 1];
  const noise = Math.max(least, 1.4826 * median);
  const limit = OUTLIER * noise;
  const chosen = facing.filter((_, k) => distances[k] < limit);
  if (chosen.length < 50) throw tooFew(chosen.length);
  // 3. What the fit needs of each.
  const targets = new Float64Array(3 * chosen.length);
  const across = new Float64Array(3 * chosen.length);
  const weights = new Float64Array(chosen.length);
  let squared = 0;
  chosen.forEach((i, k) => {
    let length = 0;
    for (let axis = 0; axis < 3; axis++) {
      targets[3 * k + axis] = points[3 * i + axis];
      across[3 * k + axis] = points[3 * i + axis] - placed[3 * i + axis];
      length += across[3 * k + axis] ** 2;
    }
    squared += length;
    // Tukey's weight; the distance itself is the direction in which it shrinks fastest.
    weights[k] = (1 - length / limit ** 2) ** 2;
    const long = Math.sqrt(length);
    for (let axis = 0; axis < 3; axis++) {
      across[3 * k + axis] =
        long > 1e-6 * least ? across[3 * k + axis] / long : directions[3 * i + axis];
    }
  });
  return {
    chosen,
    at: {
      triangles: Uint32Array.from(chosen, (i) => closest.triangles[i]),
      barycentrics: Float32Array.from(
        chosen.flatMap((i) => [...closest.barycentrics.subarray(3 * i, 3 * i + 3)]),
      ),
    },
    targets,
    normals: across,
    weights,
    noise,
    residual: Math.sqrt(squared / chosen.length),
  };
}

/** [N×3] unit normals of the triangles the closest points lie on, in the scan's frame. */
function faceNormals(
  positions: Float32Array,
  indices: Uint32Array,
  { triangles }: ClosestPoints,
  { rotation }: Similarity,
): Float64Array {
  const out = new Float64Array(3 * triangles.length);
  for (let i = 0; i < triangles.length; i++) {
    const [a, b, c] = [0, 1, 2].map((corner) => 3 * indices[3 * triangles[i] + corner]);
    const u = [0, 1, 2].map((axis) => positions[b + axis] - positions[a + axis]);
    const v = [0, 1, 2].map((axis) => positions[c + axis] - positions[a + axis]);
    const n = [u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]];
    const length = Math.hypot(...n) || 1;
    for (let j = 0; j < 3; j++) {
      for (let k = 0; k < 3; k++) out[3 * i + j] += (rotation[3 * j + k] * n[k]) / length;
    }
  }
  return out;
}

/** Scan units per model unit, where both are known. */
function unitRatio(model: Mesh["unit"], scan: Mesh["unit"]): number | undefined {
  if (model === "none" || scan === "none") return undefined;
  return (model === "m" ? 1000 : 1) / (scan === "m" ? 1000 : 1);
}

function finite(landmarks: ArrayLike<number>): Float64Array {
  const out: number[] = [];
  for (let i = 0; i + 2 < landmarks.length; i += 3) {
    const point = [landmarks[i], landmarks[i + 1], landmarks[i + 2]];
    if (point.every(Number.isFinite)) out.push(...point);
  }
  return Float64Array.from(out);
}

function tooFew(count: number): MorphableModelError {
  return new MorphableModelError(
    "too-few-constraints",
    `fitScan: expected at least 50 vertices that lie near the head, got ${count}`,
  );
}

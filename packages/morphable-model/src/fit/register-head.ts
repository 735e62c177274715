import {
  applySimilarity,
  closestPoints,
  computeNormals,
  createTriangleIndex,
  invertSimilarity,
  type Mesh,
  type TriangleIndex,
} from "@headform/mesh";
import { evaluate } from "../evaluate.ts";
import type { PcaModel } from "../pca-model.ts";
import { type FitScanOptions, type FittedScan, fitScan } from "./fit-scan.ts";
import { createMembrane, type Membrane, relaxMembrane } from "./membrane.ts";
import { outerTriangles } from "./outer-triangles.ts";

/** Options of {@link registerHead}. */
export interface RegisterHeadOptions extends FitScanOptions {
  /** How stiff the skin is at the last step; higher follows bumps less, and noise. */
  readonly stiffness?: number;
  /**
   * Farther than this no surface point belongs to a vertex, in the surface's unit; a tenth of the
   * head's size unless told.
   */
  readonly maxDistance?: number;
  /**
   * Names of the model's regions that only follow their neighbors: those of which the surface says
   * nothing. Unless told the lids, which are finer than scans are.
   */
  readonly following?: readonly string[];
}

/** A head with the model's topology that lies on a surface. */
export interface RegisteredHead extends FittedScan {
  /** [V×3] what the coefficients leave: added to the model's vertices, in its frame and unit. */
  readonly offsets: Float32Array;
  /** [V×3] the head on the surface, in the surface's frame and unit. */
  readonly positions: Float32Array;
  /** [V] 1 for vertices that lie on the surface, 0 for those that only follow their neighbors. */
  readonly matched: Uint8Array;
}

/** Defaults of {@link registerHead}. */
export const REGISTER_HEAD_DEFAULTS: {
  readonly stiffness: number;
  readonly following: readonly string[];
} = { stiffness: 30, following: ["eyelids"] };

/** Stiffness at the first step over that at the last, and how many steps lead from one to the other. */
const SOFTENING = 100;
const STEPS = 7;
/** Least cosine between the head's normal and the surface's. */
const FACING = 0.5;
/** Below this part of the greatest distance it does not matter which way the surface lies. */
const SURE = 0.02;

/**
 * Brings the head onto a surface of any topology, such as the isosurface of a volume, so that the
 * surface gets the head's vertices, landmarks, expressions and uvs.
 *
 * First `fitScan` finds placing and coefficients; what they leave is a displacement d of each vertex,
 * found by `min Σ wᵢ|xᵢ + dᵢ − yᵢ|² + α Σ |dᵢ − mean of its neighbors' d|²` with closest points yᵢ of
 * the surface, in turns while the stiffness α falls. Vertices that find no surface facing their
 * way (hidden ones, or where the surface ends), and some regions, follow their neighbors.
 *
 * @param model the morphable model
 * @param surface triangles counter-clockwise from outside; upright to some 20° unless `landmarks` or
 *   `initial` say where the head is
 * @throws RangeError, TypeError as `fitScan`, for a surface without triangles, or an option out of range
 * @throws MorphableModelError "too-few-constraints" as `fitScan`
 * @see Amberg, Romdhani, Vetter, Optimal step nonrigid ICP algorithms for surface registration, 2007
 */
export function registerHead(
  model: PcaModel,
  surface: Mesh,
  options: RegisterHeadOptions = {},
): RegisteredHead {
  const { stiffness, following } = { ...REGISTER_HEAD_DEFAULTS, ...options };
  if (!(stiffness > 0 && stiffness < Infinity)) {
    throw new RangeError(`registerHead: expected stiffness above 0, got ${stiffness}`);
  }
  if (surface.indices.length === 0) {
    throw new RangeError("registerHead: expected at least 1 triangle, got 0");
  }
  // 1. Placing and coefficients.
  const found = fitScan(model, surface, options);
  const { similarity } = found;
  const fitted = evaluate(model, found);
  const positions = applySimilarity(similarity, fitted);
  const limit = options.maxDistance ?? 0.1 * similarity.scale * heightOf(model.mean);
  if (!(limit > 0)) {
    throw new RangeError(`registerHead: expected maxDistance above 0, got ${limit}`);
  }
  // 2. Displacements, softer from step to step.
  const index = createTriangleIndex(surface);
  const membrane = createMembrane(model, outerTriangles(model), following);
  const displacements = new Float64Array(positions.length);
  let matches = matchVertices(model, membrane, positions, index, limit);
  for (let step = 0; step < STEPS; step++) {
    const alpha = stiffness * SOFTENING ** (1 - step / (STEPS - 1));
    relaxMembrane(displacements, membrane, matches.weights, matches.gaps, alpha);
    const moved = positions.map((value, i) => value + displacements[i]);
    // The closest point moves with the vertex: the gap is measured from where it started.
    matches = matchVertices(model, membrane, moved, index, limit);
    for (let i = 0; i < displacements.length; i++) matches.gaps[i] += displacements[i];
  }
  // 3. Back into the model's frame.
  const head = positions.map((value, i) => value + displacements[i]);
  const back = applySimilarity(invertSimilarity(similarity), head);
  return {
    ...found,
    residual: matches.residual,
    offsets: Float32Array.from(back, (value, i) => value - fitted[i]),
    positions: Float32Array.from(head),
    matched: Uint8Array.from(matches.weights, (weight) => (weight > 0 ? 1 : 0)),
  };
}

interface Matches {
  /** [V] how sure each vertex's closest point is, 0 for none. */
  readonly weights: Float64Array;
  /** [V×3] from the vertex to its closest point. */
  readonly gaps: Float64Array;
  /** Root mean square length of the gaps that count. */
  readonly residual: number;
}

/** The surface's closest point of each vertex a scanner can see, where it faces the same way. */
function matchVertices(
  model: PcaModel,
  { drawn }: Membrane,
  positions: Float64Array,
  index: TriangleIndex,
  limit: number,
): Matches {
  const normals = computeNormals({
    positions: Float32Array.from(positions),
    indices: model.indices,
  });
  const weights = new Float64Array(positions.length / 3);
  const gaps = new Float64Array(positions.length);
  const queries = Float64Array.from(
    { length: 3 * drawn.length },
    (_, i) => positions[3 * drawn[Math.floor(i / 3)] + (i % 3)],
  );
  const closest = closestPoints(index, queries, { maxDistance: limit });
  let squared = 0;
  let count = 0;
  drawn.forEach((vertex, i) => {
    const triangle = closest.triangles[i];
    if (triangle < 0) return;
    const normal = normalOf(index, triangle);
    const cosine = dot(normal, normals.subarray(3 * vertex, 3 * vertex + 3));
    if (cosine < FACING) return;
    const gap = [0, 1, 2].map((axis) => closest.points[3 * i + axis] - queries[3 * i + axis]);
    // From a point of the surface the way leads along its normal, from its border anywhere.
    const length = Math.hypot(...gap);
    if (length > SURE * limit && Math.abs(dot(gap, normal)) < FACING * length) return;
    gaps.set(gap, 3 * vertex);
    weights[vertex] = cosine * (1 - closest.squaredDistances[i] / limit ** 2) ** 2;
    squared += closest.squaredDistances[i];
    count++;
  });
  return { weights, gaps, residual: Math.sqrt(squared / Math.max(1, count)) };
}

/** [3] unit normal of a triangle, 0 for one without area. */
function normalOf({ positions, indices }: TriangleIndex, triangle: number): number[] {
  const [a, b, c] = [0, 1, 2].map((corner) => 3 * indices[3 * triangle + corner]);
  const u = [0, 1, 2].map((axis) => positions[b + axis] - positions[a + axis]);
  const v = [0, 1, 2].map((axis) => positions[c + axis] - positions[a + axis]);
  const n = [u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]];
  const length = Math.hypot(...n) || 1;
  return n.map((value) => value / length);
}

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

function heightOf(points: Float32Array): number {
  let [low, high] = [Infinity, -Infinity];
  for (let i = 1; i < points.length; i += 3) {
    low = Math.min(low, points[i]);
    high = Math.max(high, points[i]);
  }
  return high - low;
}

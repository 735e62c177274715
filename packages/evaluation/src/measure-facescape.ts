import { applySimilarity, invertSimilarity } from "@headform/mesh";
import { checkPoints } from "./check-points.ts";
import {
  type CylinderGrid,
  type CylinderMap,
  columnAngle,
  rowHeight,
  unrollSurface,
} from "./cylinder-map.ts";
import { depthOffset } from "./depth-offset.ts";
import { measureScan } from "./measure-scan.ts";
import type { Surface } from "./surface.ts";

export interface MeasureFaceScapeOptions {
  /** [9] turns the truth's upright head frame into the frame both are given in; identity unless told. */
  readonly rotation?: ArrayLike<number>;
  /** [3] point of the vertical axis that is taken for the head's center; the mean of the truth's points unless told. */
  readonly center?: ArrayLike<number>;
  /** Whether the prediction is first moved along Z, which a photo leaves open. */
  readonly alignDepth?: boolean;
  /** Rows and columns of the unrolled maps. */
  readonly size?: number;
}

/** Defaults of {@link measureFaceScape}. */
export const MEASURE_FACESCAPE_DEFAULTS: {
  readonly alignDepth: boolean;
  readonly size: number;
} = { alignDepth: true, size: 256 };

/** What FaceScape's benchmark says of one face; meshes in millimeters. */
export interface FaceScapeMeasures {
  /** CD, millimeters: mean distance between the two unrolled surfaces, both ways together. */
  readonly chamfer: number;
  /** MNE, radians, as the released code computes it: see {@link measureFaceScape}. */
  readonly meanNormalError: number;
  /** Mean true angle between the normals, radians. */
  readonly meanNormalAngle: number;
  /** CR: share of the truth's cells in which the prediction has something, 0 to 1. */
  readonly completeRate: number;
  /** How far the prediction was moved along Z, millimeters. */
  readonly depthOffset: number;
}

/** Of the unrolled map, millimeters: half its height, and the jump at which a surface ends. */
const HALF_HEIGHT = 150;
const LARGEST_JUMP = 15;

/**
 * FaceScape's measures of one face. Both meshes are unrolled onto a cylinder around the head's
 * vertical axis; the complete rate is counted there, and Chamfer distance and normal error are taken
 * where both have something.
 *
 * The released code adds 1 to each coordinate of the normals before it compares their directions,
 * which makes the published MNE smaller than the angle; both are returned.
 *
 * @param predicted in millimeters, in the frame of the truth (a camera's, +Z towards it)
 * @param truth in millimeters
 * @throws RangeError when a number is not finite, a mesh has no triangle, or the two do not overlap
 * @see Zhu et al. 2023, "FaceScape: 3D Facial Dataset and Benchmark for Single-View 3D Face
 *   Reconstruction", section 5
 */
export function measureFaceScape(
  predicted: Surface,
  truth: Surface,
  options: MeasureFaceScapeOptions = {},
): FaceScapeMeasures {
  const { alignDepth, size } = { ...MEASURE_FACESCAPE_DEFAULTS, ...options };
  const { rotation = [1, 0, 0, 0, 1, 0, 0, 0, 1] } = options;
  checkPoints("measureFaceScape", "positions of the prediction", predicted.positions, 3);
  checkPoints("measureFaceScape", "positions of the truth", truth.positions, 3);
  if (!(Number.isInteger(size) && size >= 8)) {
    throw new RangeError(`measureFaceScape: expected a whole size ≥ 8, got ${size}`);
  }
  // 1. The same depth.
  const offset = alignDepth ? depthOffset(predicted, truth) : 0;
  // 2. Upright, unrolled.
  const upright = invertSimilarity({
    scale: 1,
    rotation: Float64Array.from(rotation),
    translation: new Float64Array(3),
  });
  const moved = Float64Array.from(predicted.positions, (x, i) => x + (i % 3 === 2 ? offset : 0));
  const own: Surface = {
    positions: applySimilarity(upright, moved),
    indices: predicted.indices,
  };
  const wanted: Surface = {
    positions: applySimilarity(upright, truth.positions),
    indices: truth.indices,
  };
  const center = options.center ? applySimilarity(upright, options.center) : meanOf(wanted);
  const grid: CylinderGrid = { size, halfHeight: HALF_HEIGHT, center };
  const ownMap = unrollSurface(own, grid);
  const wantedMap = unrollSurface(wanted, grid);
  // 3. Where both have something.
  let [shared, present] = [0, 0];
  for (let cell = 0; cell < size * size; cell++) {
    if (wantedMap.triangles[cell] < 0) continue;
    present++;
    if (ownMap.triangles[cell] >= 0) shared++;
  }
  if (shared === 0) {
    throw new RangeError(
      "measureFaceScape: expected meshes in millimeters around one axis, got none in common",
    );
  }
  const [ownPart, wantedPart] = [ownMap, wantedMap].map((map) =>
    rollUp(map, map === ownMap ? wantedMap : ownMap, grid),
  );
  return {
    chamfer: bothWays(ownPart, wantedPart),
    ...compareNormals(own, ownMap, wanted, wantedMap),
    completeRate: shared / present,
    depthOffset: offset,
  };
}

/** The part of an unrolled surface where the other has something too, as a surface again. */
function rollUp(map: CylinderMap, other: CylinderMap, grid: CylinderGrid): Surface {
  const { size } = grid;
  const radius = (row: number, column: number): number => {
    const cell = size * row + column;
    return other.triangles[cell] < 0 ? Number.NaN : map.radii[cell];
  };
  const vertexOf = new Int32Array(size * size).fill(-1);
  const positions: number[] = [];
  const indices: number[] = [];
  const vertex = (row: number, column: number): number => {
    const cell = size * row + column;
    if (vertexOf[cell] < 0) {
      vertexOf[cell] = positions.length / 3;
      const [r, angle] = [radius(row, column), columnAngle(column, size)];
      positions.push(-r * Math.sin(angle), rowHeight(row, grid), -r * Math.cos(angle));
    }
    return vertexOf[cell];
  };
  for (let row = 0; row + 1 < size; row++) {
    for (let column = 0; column + 1 < size; column++) {
      const r = radius(row, column);
      const near = [radius(row + 1, column), radius(row, column + 1), radius(row + 1, column + 1)];
      // Not "some farther": a missing neighbor, NaN, ends the surface too.
      if (!near.every((next) => Math.abs(next - r) < LARGEST_JUMP)) continue;
      const [a, b] = [vertex(row, column), vertex(row, column + 1)];
      const [c, d] = [vertex(row + 1, column), vertex(row + 1, column + 1)];
      indices.push(a, b, c, d, c, b);
    }
  }
  return { positions, indices: Uint32Array.from(indices) };
}

function bothWays(a: Surface, b: Surface): number {
  if (a.indices.length === 0 || b.indices.length === 0) {
    throw new RangeError(
      "measureFaceScape: expected surfaces of several cells, got scattered ones",
    );
  }
  let sum = 0;
  let count = 0;
  for (const distances of [measureScan(a.positions, b), measureScan(b.positions, a)].map(
    (found) => found.distances,
  )) {
    for (const distance of distances) sum += distance;
    count += distances.length;
  }
  return sum / count;
}

function compareNormals(
  own: Surface,
  ownMap: CylinderMap,
  wanted: Surface,
  wantedMap: CylinderMap,
): { meanNormalError: number; meanNormalAngle: number } {
  let [shifted, angles, count] = [0, 0, 0];
  for (let cell = 0; cell < ownMap.triangles.length; cell++) {
    const [s, t] = [ownMap.triangles[cell], wantedMap.triangles[cell]];
    if (s < 0 || t < 0) continue;
    const [a, b] = [triangleNormal(own, s), triangleNormal(wanted, t)];
    angles += angleBetween(a, b);
    shifted += angleBetween(
      a.map((x) => x + 1),
      b.map((x) => x + 1),
    );
    count++;
  }
  return { meanNormalError: shifted / count, meanNormalAngle: angles / count };
}

function triangleNormal({ positions, indices }: Surface, triangle: number): number[] {
  const [a, b, c] = [0, 1, 2].map((corner) => 3 * indices[3 * triangle + corner]);
  const u = [0, 1, 2].map((axis) => positions[b + axis] - positions[a + axis]);
  const v = [0, 1, 2].map((axis) => positions[c + axis] - positions[a + axis]);
  const normal = [u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]];
  const length = Math.hypot(...normal) || 1;
  return normal.map((x) => x / length);
}

/** Through the tangent, which keeps small angles' digits. */
function angleBetween(a: readonly number[], b: readonly number[]): number {
  const cross = Math.hypot(
    a[1] * b[2] - a[2] * b[1],
    a[2] * b[0] - a[0] * b[2],
    a[0] * b[1] - a[1] * b[0],
  );
  return Math.atan2(cross, a[0] * b[0] + a[1] * b[1] + a[2] * b[2]);
}

function meanOf({ positions }: Surface): Float64Array {
  const mean = new Float64Array(3);
  for (let i = 0; i < positions.length; i++) mean[i % 3] += (3 * positions[i]) / positions.length;
  return mean;
}

import { checkFinite } from "./check-array.ts";

/**
 * Points ordered as an implicit balanced k-d tree: the median of each range is its node, the two
 * halves beside it are its children, ranges of at most {@link LEAF} points are scanned.
 */
export interface NearestIndex {
  readonly dimension: 2 | 3;
  readonly count: number;
  /** [N] tree order to the caller's index. */
  readonly ids: Uint32Array;
  /** [N×3] coordinates in tree order; z is zero in two dimensions. */
  readonly coordinates: Float64Array;
  /** [N] axis split at each node, by the position of its median. */
  readonly axes: Uint8Array;
}

/** Answers of {@link findNearest}, one per query. */
export interface NearestResult {
  /** [Q] index of the nearest point, −1 where none is within `maxDistance`. */
  readonly indices: Int32Array;
  /** [Q] squared distance to it, Infinity where there is none. */
  readonly squaredDistances: Float64Array;
}

export interface FindNearestOptions {
  /** Points farther than this do not count; without it every point counts. */
  readonly maxDistance?: number;
  /** Reused memory for the answers, of the right length. */
  readonly out?: NearestResult;
}

const LEAF = 8;
/** Depth of the widest tree, 2³² points: enough for the stack of pending ranges. */
const STACK = 40;

/**
 * Builds an index for exact nearest-neighbor queries, O(N log N).
 *
 * @param points [N×dimension] of any unit; copied
 * @param dimension 2 or 3
 * @throws RangeError when the length is no multiple of `dimension`, or a number is not finite
 * @see Bentley, Multidimensional binary search trees used for associative searching, 1975
 */
export function createNearestIndex(points: ArrayLike<number>, dimension: 2 | 3): NearestIndex {
  if (dimension !== 2 && dimension !== 3) {
    throw new RangeError(`createNearestIndex: expected dimension 2 or 3, got ${dimension}`);
  }
  checkPoints("createNearestIndex", "points", points, dimension);
  const count = points.length / dimension;
  const ids = new Uint32Array(count);
  const coordinates = new Float64Array(3 * count);
  for (let i = 0; i < count; i++) {
    ids[i] = i;
    for (let c = 0; c < dimension; c++) coordinates[3 * i + c] = points[dimension * i + c];
  }
  const axes = new Uint8Array(count);
  split(coordinates, ids, axes, 0, count - 1);
  return { dimension, count, ids, coordinates, axes };
}

/**
 * Finds the nearest indexed point of each query, exactly. Of points at the same distance the one
 * with the lowest index is taken.
 *
 * @param index from {@link createNearestIndex}
 * @param queries [Q×dimension] in the unit of the points
 * @param options `maxDistance`, in the unit of the points, and memory to reuse
 * @throws RangeError when the queries' length is no multiple of the dimension, a number is not
 *   finite, `maxDistance` is negative or NaN, or `out` has another length
 */
export function findNearest(
  index: NearestIndex,
  queries: ArrayLike<number>,
  options: FindNearestOptions = {},
): NearestResult {
  const { dimension } = index;
  const { maxDistance = Number.POSITIVE_INFINITY } = options;
  checkPoints("findNearest", "queries", queries, dimension);
  if (!(maxDistance >= 0)) {
    throw new RangeError(`findNearest: expected maxDistance ≥ 0, got ${maxDistance}`);
  }
  const count = queries.length / dimension;
  const { indices, squaredDistances } = options.out ?? {
    indices: new Int32Array(count),
    squaredDistances: new Float64Array(count),
  };
  if (indices.length !== count || squaredDistances.length !== count) {
    throw new RangeError(`findNearest: expected out of length ${count}, got ${indices.length}`);
  }
  const ranges = new Int32Array(2 * STACK);
  const bounds = new Float64Array(4 * STACK);
  const limit = maxDistance * maxDistance;
  let previous = -1;
  for (let q = 0; q < count; q++) {
    const x = queries[dimension * q];
    const y = queries[dimension * q + 1];
    const z = dimension === 3 ? queries[3 * q + 2] : 0;
    const found = search(index, x, y, z, limit, previous, ranges, bounds);
    indices[q] = found < 0 ? -1 : index.ids[found];
    squaredDistances[q] =
      found < 0 ? Number.POSITIVE_INFINITY : squaredDistance(index.coordinates, found, x, y, z);
    previous = found;
  }
  return { indices, squaredDistances };
}

/** Position, in tree order, of the point nearest to (x, y, z) and within `limit`; −1 for none. */
function search(
  index: NearestIndex,
  x: number,
  y: number,
  z: number,
  limit: number,
  guess: number,
  ranges: Int32Array,
  bounds: Float64Array,
): number {
  const { coordinates, ids, axes } = index;
  let best = limit;
  let found = -1;
  // Neighboring queries have neighboring answers: the last one gives a first bound for free.
  if (guess >= 0) {
    const d = squaredDistance(coordinates, guess, x, y, z);
    if (d <= best) {
      best = d;
      found = guess;
    }
  }
  // Each pending range carries the query's squared distance to its cell, and that distance's
  // components along the axes (Arya and Mount 1993).
  let depth = 0;
  ranges[0] = 0;
  ranges[1] = index.count - 1;
  bounds.fill(0, 0, 4);
  while (depth >= 0) {
    let left = ranges[2 * depth];
    let right = ranges[2 * depth + 1];
    const bound = bounds[4 * depth];
    const dx = bounds[4 * depth + 1];
    const dy = bounds[4 * depth + 2];
    const dz = bounds[4 * depth + 3];
    depth--;
    if (bound > best) continue;
    while (right - left >= LEAF) {
      const middle = (left + right) >> 1;
      const axis = axes[middle];
      const p = 3 * middle;
      const toPlane = (axis === 0 ? x : axis === 1 ? y : z) - coordinates[p + axis];
      const ex = x - coordinates[p];
      const ey = y - coordinates[p + 1];
      const ez = z - coordinates[p + 2];
      const d = ex * ex + ey * ey + ez * ez;
      if (d < best || (d === best && (found < 0 || ids[middle] < ids[found]))) {
        best = d;
        found = middle;
      }
      const fx = axis === 0 ? toPlane : dx;
      const fy = axis === 1 ? toPlane : dy;
      const fz = axis === 2 ? toPlane : dz;
      const farBound = fx * fx + fy * fy + fz * fz;
      if (farBound <= best) {
        depth++;
        ranges[2 * depth] = toPlane < 0 ? middle + 1 : left;
        ranges[2 * depth + 1] = toPlane < 0 ? right : middle - 1;
        bounds[4 * depth] = farBound;
        bounds[4 * depth + 1] = fx;
        bounds[4 * depth + 2] = fy;
        bounds[4 * depth + 3] = fz;
      }
      if (toPlane < 0) right = middle - 1;
      else left = middle + 1;
    }
    for (let i = left; i <= right; i++) {
      const ex = x - coordinates[3 * i];
      const ey = y - coordinates[3 * i + 1];
      const ez = z - coordinates[3 * i + 2];
      const d = ex * ex + ey * ey + ez * ez;
      if (d < best || (d === best && (found < 0 || ids[i] < ids[found]))) {
        best = d;
        found = i;
      }
    }
  }
  return found;
}

function squaredDistance(p: Float64Array, i: number, x: number, y: number, z: number): number {
  const dx = x - p[3 * i];
  const dy = y - p[3 * i + 1];
  const dz = z - p[3 * i + 2];
  return dx * dx + dy * dy + dz * dz;
}

/** Orders the range as a tree: its median along its widest axis in the middle, then each half. */
function split(
  coordinates: Float64Array,
  ids: Uint32Array,
  axes: Uint8Array,
  left: number,
  right: number,
): void {
  if (right - left < LEAF) return;
  const middle = (left + right) >> 1;
  const axis = widestAxis(coordinates, left, right);
  axes[middle] = axis;
  select(coordinates, ids, middle, left, right, axis);
  split(coordinates, ids, axes, left, middle - 1);
  split(coordinates, ids, axes, middle + 1, right);
}

function widestAxis(p: Float64Array, left: number, right: number): number {
  let [x0, y0, z0] = [p[3 * left], p[3 * left + 1], p[3 * left + 2]];
  let [x1, y1, z1] = [x0, y0, z0];
  for (let i = 3 * left + 3; i <= 3 * right; i += 3) {
    const x = p[i];
    const y = p[i + 1];
    const z = p[i + 2];
    if (x < x0) x0 = x;
    else if (x > x1) x1 = x;
    if (y < y0) y0 = y;
    else if (y > y1) y1 = y;
    if (z < z0) z0 = z;
    else if (z > z1) z1 = z;
  }
  const [dx, dy, dz] = [x1 - x0, y1 - y0, z1 - z0];
  return dx >= dy && dx >= dz ? 0 : dy >= dz ? 1 : 2;
}

/** Partial sort: the k-th along `axis` at k, no larger ones before it, no smaller ones after. */
function select(
  p: Float64Array,
  ids: Uint32Array,
  k: number,
  first: number,
  last: number,
  axis: number,
): void {
  let left = first;
  let right = last;
  while (right > left) {
    // On long ranges the pivot is the k-th of a sample around k (Floyd and Rivest 1975).
    if (right - left > 600) {
      const n = right - left + 1;
      const m = k - left + 1;
      const z = Math.log(n);
      const s = 0.5 * Math.exp((2 * z) / 3);
      const sd = 0.5 * Math.sqrt((z * s * (n - s)) / n) * (m - n / 2 < 0 ? -1 : 1);
      const low = Math.max(left, Math.floor(k - (m * s) / n + sd));
      const high = Math.min(right, Math.floor(k + ((n - m) * s) / n + sd));
      select(p, ids, k, low, high, axis);
    }
    const pivot = p[3 * k + axis];
    let i = left;
    let j = right;
    while (i <= j) {
      while (p[3 * i + axis] < pivot) i++;
      while (p[3 * j + axis] > pivot) j--;
      if (i <= j) swap(p, ids, i++, j--);
    }
    if (j < k) left = i;
    if (k < i) right = j;
  }
}

function swap(p: Float64Array, ids: Uint32Array, i: number, j: number): void {
  const id = ids[i];
  ids[i] = ids[j];
  ids[j] = id;
  for (let c = 0; c < 3; c++) {
    const value = p[3 * i + c];
    p[3 * i + c] = p[3 * j + c];
    p[3 * j + c] = value;
  }
}

function checkPoints(
  where: string,
  name: string,
  points: ArrayLike<number>,
  dimension: number,
): void {
  if (points.length % dimension !== 0) {
    throw new RangeError(
      `${where}: expected ${name} of a length divisible by ${dimension}, got ${points.length}`,
    );
  }
  checkFinite(where, name, points);
}

import type { TriangleIndex } from "./triangle-index.ts";

/** Depth of the widest tree, 2³² triangles. */
const STACK = 66;

/** Answers of {@link closestPoints}, one per query. */
export interface ClosestPoints {
  /** [Q] triangle the closest point lies on; −1 where none is within `maxDistance`. */
  readonly triangles: Int32Array;
  /** [Q×3] its barycentric coordinates within that triangle; 0 where there is none. */
  readonly barycentrics: Float64Array;
  /** [Q×3] the point itself; NaN where there is none. */
  readonly points: Float64Array;
  /** [Q] squared distance to it; Infinity where there is none. */
  readonly squaredDistances: Float64Array;
}

/**
 * Finds the point of a surface closest to each query, exactly: inside a triangle, on an edge or at
 * a corner.
 *
 * @param index from {@link createTriangleIndex}
 * @param queries [Q×3] in the unit of the mesh
 * @param options.maxDistance farther points do not count; without it every point counts
 * @throws {RangeError} when the queries' length is no multiple of 3, one is not finite, or
 *   `maxDistance` is negative
 * @see Ericson, Real-Time Collision Detection, 2005, section 5.1.5
 */
export function closestPoints(
  index: TriangleIndex,
  queries: ArrayLike<number>,
  options: { readonly maxDistance?: number } = {},
): ClosestPoints {
  const { maxDistance = Number.POSITIVE_INFINITY } = options;
  if (queries.length % 3 !== 0) {
    throw new RangeError(`closestPoints: expected queries [Q×3], got ${queries.length} numbers`);
  }
  if (!(maxDistance >= 0)) {
    throw new RangeError(`closestPoints: expected maxDistance ≥ 0, got ${maxDistance}`);
  }
  const count = queries.length / 3;
  const triangles = new Int32Array(count).fill(-1);
  const barycentrics = new Float64Array(3 * count);
  const points = new Float64Array(3 * count).fill(Number.NaN);
  const squaredDistances = new Float64Array(count).fill(Number.POSITIVE_INFINITY);
  const { order, nodes, boxes } = index;
  const stack = new Uint32Array(STACK);
  const found = new Float64Array(4);
  let previous = -1;
  for (let q = 0; q < count; q++) {
    const x = queries[3 * q]!;
    const y = queries[3 * q + 1]!;
    const z = queries[3 * q + 2]!;
    if (!Number.isFinite(x + y + z)) {
      throw new RangeError(
        `closestPoints: expected finite queries, got one that is not at ${3 * q}`,
      );
    }
    let best = maxDistance * maxDistance;
    let triangle = -1;
    const consider = (t: number): void => {
      closestOnTriangle(found, index, t, x, y, z);
      if (found[3]! <= best) {
        best = found[3]!;
        triangle = t;
        barycentrics.set(found.subarray(0, 3), 3 * q);
      }
    };
    // Neighboring queries have neighboring answers: the last one gives a first bound for free.
    if (previous >= 0) consider(previous);
    let depth = 0;
    stack[0] = 0;
    while (depth >= 0) {
      const node = stack[depth--]!;
      if (boxDistance(boxes, node, x, y, z) > best) continue;
      const first = nodes[2 * node]!;
      const size = nodes[2 * node + 1]!;
      if (size > 0) {
        for (let i = first; i < first + size; i++) consider(order[i]!);
        continue;
      }
      // The nearer child last, so that it is opened first.
      const nearer =
        boxDistance(boxes, first, x, y, z) < boxDistance(boxes, first + 1, x, y, z)
          ? first
          : first + 1;
      stack[++depth] = 2 * first + 1 - nearer;
      stack[++depth] = nearer;
    }
    if (triangle < 0) continue;
    previous = triangle;
    triangles[q] = triangle;
    squaredDistances[q] = best;
    for (let axis = 0; axis < 3; axis++) {
      let sum = 0;
      for (let corner = 0; corner < 3; corner++) {
        const vertex = index.indices[3 * triangle + corner]!;
        sum += barycentrics[3 * q + corner]! * index.positions[3 * vertex + axis]!;
      }
      points[3 * q + axis] = sum;
    }
  }
  return { triangles, barycentrics, points, squaredDistances };
}

/** Squared distance of a point from a node's box, 0 inside. */
function boxDistance(boxes: Float64Array, node: number, x: number, y: number, z: number): number {
  const at = 6 * node;
  const dx = Math.max(boxes[at]! - x, 0, x - boxes[at + 3]!);
  const dy = Math.max(boxes[at + 1]! - y, 0, y - boxes[at + 4]!);
  const dz = Math.max(boxes[at + 2]! - z, 0, z - boxes[at + 5]!);
  return dx * dx + dy * dy + dz * dz;
}

/** Writes barycentric coordinates [3] and squared distance of a triangle's closest point. */
function closestOnTriangle(
  out: Float64Array,
  { positions, indices }: TriangleIndex,
  triangle: number,
  x: number,
  y: number,
  z: number,
): void {
  const a = 3 * indices[3 * triangle]!;
  const b = 3 * indices[3 * triangle + 1]!;
  const c = 3 * indices[3 * triangle + 2]!;
  const ax = positions[a]!;
  const ay = positions[a + 1]!;
  const az = positions[a + 2]!;
  const bx = positions[b]! - ax;
  const by = positions[b + 1]! - ay;
  const bz = positions[b + 2]! - az;
  const cx = positions[c]! - ax;
  const cy = positions[c + 1]! - ay;
  const cz = positions[c + 2]! - az;
  const px = x - ax;
  const py = y - ay;
  const pz = z - az;
  const bb = bx * bx + by * by + bz * bz;
  const cc = cx * cx + cy * cy + cz * cz;
  const bc = bx * cx + by * cy + bz * cz;
  const bp = bx * px + by * py + bz * pz;
  const cp = cx * px + cy * py + cz * pz;
  // Inside: the plane's solution. Outside, or without area: the best of the three edges.
  const determinant = bb * cc - bc * bc;
  let v = determinant > 0 ? (cc * bp - bc * cp) / determinant : -1;
  let w = determinant > 0 ? (bb * cp - bc * bp) / determinant : -1;
  if (!(v >= 0 && w >= 0 && v + w <= 1)) {
    const onB = ratio(bp, bb);
    const onC = ratio(cp, cc);
    const across = ratio(cp - bp + bb - bc, bb + cc - 2 * bc);
    v = onB;
    w = 0;
    let least = excess(onB, 0, bb, cc, bc, bp, cp);
    const atC = excess(0, onC, bb, cc, bc, bp, cp);
    if (atC < least) {
      least = atC;
      v = 0;
      w = onC;
    }
    if (excess(1 - across, across, bb, cc, bc, bp, cp) < least) {
      v = 1 - across;
      w = across;
    }
  }
  const dx = px - v * bx - w * cx;
  const dy = py - v * by - w * cy;
  const dz = pz - v * bz - w * cz;
  out[0] = 1 - v - w;
  out[1] = v;
  out[2] = w;
  out[3] = dx * dx + dy * dy + dz * dz;
}

/** |p − v·b − w·c|² − |p|². */
function excess(
  v: number,
  w: number,
  bb: number,
  cc: number,
  bc: number,
  bp: number,
  cp: number,
): number {
  return v * v * bb + w * w * cc + 2 * v * w * bc - 2 * v * bp - 2 * w * cp;
}

/** Where on an edge, 0…1; an edge without length has its start only. */
function ratio(along: number, length: number): number {
  return length > 0 ? Math.max(0, Math.min(1, along / length)) : 0;
}

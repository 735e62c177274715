/** Triangles per leaf: below this, testing them is cheaper than descending further. */
const LEAF = 4;

/**
 * The triangles of a mesh as a tree of boxes, for {@link closestPoints}. The arrays of the mesh are
 * kept, not copied: a mesh that moves needs a new index.
 */
export interface TriangleIndex {
  readonly positions: ArrayLike<number>;
  readonly indices: Uint32Array;
  /** [n] triangles in the tree's order. */
  readonly order: Uint32Array;
  /** [nodes×6] least and greatest corner of each node's box. */
  readonly boxes: Float64Array;
  /** [nodes×2] first child (the second follows it) and 0, or first place in `order` and count. */
  readonly nodes: Uint32Array;
}

/**
 * Prepares a mesh for closest-point queries, O(F log F).
 *
 * @param mesh anything with positions [V×3] and indices [F×3], F ≥ 1
 * @param triangles [n] those that take part; all unless told
 * @throws {RangeError} without a triangle, for one the mesh has not, or a position that is not finite
 */
export function createTriangleIndex(
  mesh: { readonly positions: ArrayLike<number>; readonly indices: Uint32Array },
  triangles?: ArrayLike<number>,
): TriangleIndex {
  const { positions, indices } = mesh;
  const total = indices.length / 3;
  const order = Uint32Array.from(triangles ?? { length: total }, (t, i) => (triangles ? t : i));
  if (order.length === 0) {
    throw new RangeError("createTriangleIndex: expected at least 1 triangle, got 0");
  }
  // 1. Box and center of each triangle.
  const bounds = new Float64Array(6 * total);
  const centers = new Float64Array(3 * total);
  for (const t of order) {
    if (!(t < total)) {
      throw new RangeError(`createTriangleIndex: expected triangles below ${total}, got ${t}`);
    }
    for (let axis = 0; axis < 3; axis++) {
      const a = positions[3 * indices[3 * t]! + axis]!;
      const b = positions[3 * indices[3 * t + 1]! + axis]!;
      const c = positions[3 * indices[3 * t + 2]! + axis]!;
      const low = Math.min(a, b, c);
      const high = Math.max(a, b, c);
      if (!Number.isFinite(low + high)) {
        throw new RangeError(
          `createTriangleIndex: expected finite positions, got one that is not in triangle ${t}`,
        );
      }
      bounds[6 * t + axis] = low;
      bounds[6 * t + 3 + axis] = high;
      centers[3 * t + axis] = (low + high) / 2;
    }
  }
  // 2. Halves by the median center along the widest axis, down to the leaves.
  const limit = 2 * order.length;
  const boxes = new Float64Array(6 * limit);
  const nodes = new Uint32Array(2 * limit);
  let used = 1;
  const pending: [node: number, from: number, to: number][] = [[0, 0, order.length]];
  for (let task = pending.pop(); task; task = pending.pop()) {
    const [node, from, to] = task;
    const axis = fillBox(boxes, node, bounds, order, from, to);
    if (to - from <= LEAF) {
      nodes[2 * node] = from;
      nodes[2 * node + 1] = to - from;
      continue;
    }
    order.subarray(from, to).sort((s, t) => centers[3 * s + axis]! - centers[3 * t + axis]!);
    nodes[2 * node] = used;
    const middle = (from + to) >> 1;
    pending.push([used, from, middle], [used + 1, middle, to]);
    used += 2;
  }
  return {
    positions,
    indices,
    order,
    boxes: boxes.slice(0, 6 * used),
    nodes: nodes.slice(0, 2 * used),
  };
}

/** The box of some triangles; returns its widest axis. */
function fillBox(
  boxes: Float64Array,
  node: number,
  bounds: Float64Array,
  order: Uint32Array,
  from: number,
  to: number,
): number {
  let axis = 0;
  let widest = -1;
  for (let c = 0; c < 3; c++) {
    let low = Number.POSITIVE_INFINITY;
    let high = Number.NEGATIVE_INFINITY;
    for (let i = from; i < to; i++) {
      low = Math.min(low, bounds[6 * order[i]! + c]!);
      high = Math.max(high, bounds[6 * order[i]! + 3 + c]!);
    }
    boxes[6 * node + c] = low;
    boxes[6 * node + 3 + c] = high;
    if (high - low > widest) {
      widest = high - low;
      axis = c;
    }
  }
  return axis;
}

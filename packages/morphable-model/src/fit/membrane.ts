import { createNearestIndex, findNearest } from "@headform/core-math";
import type { PcaModel } from "../pca-model.ts";

/** A head's vertices with springs between neighbors, for {@link relaxMembrane}. */
export interface Membrane {
  /** Vertices that a surface draws: those a scanner can see, but for the regions that only follow. */
  readonly drawn: Uint32Array;
  /** [V + 1] where each vertex's springs begin in `neighbors`. */
  readonly starts: Uint32Array;
  /** The vertex at the other end of each spring; every spring is there twice. */
  readonly neighbors: Uint32Array;
}

/**
 * Springs along all edges; and where parts hang on nothing a scanner can see (eyeballs, teeth), from
 * each of their vertices to the nearest outer one, so that they go along with it.
 *
 * @param triangles those a scanner can see
 * @param following names of the regions that no surface draws
 */
export function createMembrane(
  model: PcaModel,
  triangles: Uint32Array,
  following: readonly string[],
): Membrane {
  const { indices, mean } = model;
  const vertexCount = mean.length / 3;
  const isOuter = new Uint8Array(vertexCount);
  for (const t of triangles) {
    for (let corner = 0; corner < 3; corner++) isOuter[indices[3 * t + corner]] = 1;
  }
  const outer = Uint32Array.from(
    Array.from({ length: vertexCount }, (_, v) => v).filter((v) => isOuter[v] === 1),
  );
  // 1. Edges of the triangles, from both ends.
  const springs: Set<number>[] = Array.from({ length: vertexCount }, () => new Set());
  const join = (a: number, b: number): void => {
    springs[a].add(b);
    springs[b].add(a);
  };
  for (let i = 0; i < indices.length; i++) {
    join(indices[i], indices[i % 3 === 2 ? i - 2 : i + 1]);
  }
  // 2. What the outer vertices do not reach along edges.
  const reached = isOuter.slice();
  const pending = [...outer];
  for (let v = pending.pop(); v !== undefined; v = pending.pop()) {
    for (const next of springs[v]) {
      if (reached[next] === 1) continue;
      reached[next] = 1;
      pending.push(next);
    }
  }
  const loose = Array.from(reached.keys()).filter((v) => reached[v] === 0);
  const pick = (list: ArrayLike<number>): Float64Array =>
    Float64Array.from(
      { length: 3 * list.length },
      (_, i) => mean[3 * list[Math.floor(i / 3)] + (i % 3)],
    );
  const { indices: nearest } = findNearest(createNearestIndex(pick(outer), 3), pick(loose));
  loose.forEach((v, i) => {
    join(v, outer[nearest[i]]);
  });
  // 3. As flat lists.
  const starts = new Uint32Array(vertexCount + 1);
  springs.forEach((set, v) => {
    starts[v + 1] = starts[v] + set.size;
  });
  const follows = model.regionNames?.map((name) => following.includes(name)) ?? [];
  const drawn = outer.filter((v) => !follows[model.regions?.[v] ?? -1]);
  return { drawn, starts, neighbors: Uint32Array.from(springs.flatMap((set) => [...set])) };
}

/** Conjugate gradients stop at this part of the first residual: a hundredth of a voxel and less. */
const TOLERANCE = 1e-3;
/** And after so many, for the next step starts where they are. */
const MAX_ITERATIONS = 100;
/** How much stretching counts beside bending: enough that loose ends do not fly. */
const STRETCHING = 0.01;
/** Added to all weights, so that a head that nothing draws stays. */
const REST = 1e-9;

/**
 * Brings displacements nearer to the solution of `(W + α·(LᵀL + τ·L̃))·d = W·g` by conjugate gradients
 * from where they are: vertices with a weight are drawn by their gap, all of them keep to the mean of
 * their neighbors (L), so a smooth bump costs little. L̃ is the springs' own Laplacian.
 *
 * @param displacements [V×3] start and result
 * @param weights [V] ≥ 0
 * @param gaps [V×3] where each vertex should go
 * @param alpha stiffness
 */
export function relaxMembrane(
  displacements: Float64Array,
  membrane: Membrane,
  weights: Float64Array,
  gaps: Float64Array,
  alpha: number,
): void {
  const size = displacements.length;
  const diagonal = diagonalOf(membrane, weights, alpha);
  const vector = (): Float64Array => new Float64Array(size);
  const [x, r, p, q, bend] = [displacements, vector(), vector(), vector(), vector()];
  multiply(q, bend, x, membrane, weights, alpha);
  let rho = 0;
  let scale = 0;
  for (let i = 0; i < size; i++) {
    const v = Math.floor(i / 3);
    const drawn = weights[v] * gaps[i];
    r[i] = drawn - q[i];
    p[i] = r[i] / diagonal[v];
    rho += r[i] * p[i];
    scale += drawn ** 2 / diagonal[v];
  }
  for (let k = 0; k < MAX_ITERATIONS && rho > TOLERANCE ** 2 * scale; k++) {
    multiply(q, bend, p, membrane, weights, alpha);
    let curvature = 0;
    for (let i = 0; i < size; i++) curvature += p[i] * q[i];
    const step = rho / curvature;
    let next = 0;
    for (let i = 0, v = 0; i < size; v++) {
      for (const end = i + 3; i < end; i++) {
        x[i] += step * p[i];
        r[i] -= step * q[i];
        next += r[i] ** 2 / diagonal[v];
      }
    }
    const ratio = next / rho;
    rho = next;
    for (let i = 0, v = 0; i < size; v++) {
      for (const end = i + 3; i < end; i++) p[i] = r[i] / diagonal[v] + ratio * p[i];
    }
  }
}

/** [V] diagonal of the system, the same for all three axes. */
function diagonalOf(
  { starts, neighbors }: Membrane,
  weights: Float64Array,
  alpha: number,
): Float64Array {
  return weights.map((w, v) => {
    const degree = starts[v + 1] - starts[v];
    let sum = degree === 0 ? 0 : 1;
    for (let s = starts[v]; s < starts[v + 1]; s++) {
      const other = starts[neighbors[s] + 1] - starts[neighbors[s]];
      sum += 1 / other ** 2;
    }
    return w + REST + alpha * (sum + STRETCHING * degree);
  });
}

/** The system's matrix times x; `bend` is room for L·x over the degrees. */
function multiply(
  out: Float64Array,
  bend: Float64Array,
  x: Float64Array,
  { starts, neighbors }: Membrane,
  weights: Float64Array,
  alpha: number,
): void {
  const count = weights.length;
  for (let v = 0, i = 0; v < count; v++, i += 3) {
    const degree = starts[v + 1] - starts[v];
    let [sx, sy, sz] = [0, 0, 0];
    for (let s = starts[v]; s < starts[v + 1]; s++) {
      const j = 3 * neighbors[s];
      sx += x[j];
      sy += x[j + 1];
      sz += x[j + 2];
    }
    const share = degree === 0 ? 0 : 1 / degree;
    bend[i] = share * (x[i] - share * sx);
    bend[i + 1] = share * (x[i + 1] - share * sy);
    bend[i + 2] = share * (x[i + 2] - share * sz);
    const stretch = alpha * STRETCHING;
    const own = weights[v] + REST + stretch * degree;
    out[i] = own * x[i] - stretch * sx;
    out[i + 1] = own * x[i + 1] - stretch * sy;
    out[i + 2] = own * x[i + 2] - stretch * sz;
  }
  for (let v = 0, i = 0; v < count; v++, i += 3) {
    const degree = starts[v + 1] - starts[v];
    let [sx, sy, sz] = [0, 0, 0];
    for (let s = starts[v]; s < starts[v + 1]; s++) {
      const j = 3 * neighbors[s];
      sx += bend[j];
      sy += bend[j + 1];
      sz += bend[j + 2];
    }
    out[i] += alpha * (degree * bend[i] - sx);
    out[i + 1] += alpha * (degree * bend[i + 1] - sy);
    out[i + 2] += alpha * (degree * bend[i + 2] - sz);
  }
}

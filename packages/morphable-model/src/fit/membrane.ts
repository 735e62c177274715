import { createNearestIndex, findNearest } from "@headform/core-math";
import type { PcaModel } from "../pca-model.ts";

/** A head's vertices with springs between neighbors, for {@link relaxMembrane}. */
export interface Membrane {
  /** Vertices that a surface draws: those a scanner can see, but for the lids, finer than scans are. */
  readonly drawn: Uint32Array;
  /** [V + 1] where each vertex's springs begin in `neighbors`. */
  readonly starts: Uint32Array;
  /** The vertex at the other end of each spring; every spring is there twice. */
  readonly neighbors: Uint32Array;
}

/**
 * Springs along all edges; and where parts hang on nothing a scanner can see (eyeballs, teeth), from
 * each of their vertices to the nearest outer one, so that they go along with it.
 */
export function createMembrane(model: PcaModel, triangles: Uint32Array): Membrane {
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
  const lids = model.regionNames?.map((name) => /eyelid/i.test(name)) ?? [];
  const drawn = outer.filter((v) => !lids[model.regions?.[v] ?? -1]);
  return { drawn, starts, neighbors: Uint32Array.from(springs.flatMap((set) => [...set])) };
}

/** Conjugate gradients stop at this part of the first residual: a hundredth of a voxel and less. */
const TOLERANCE = 1e-4;
const MAX_ITERATIONS = 300;
/** How much stretching counts beside bending: enough that loose ends do not fly. */
const STRETCHING = 0.01;

/**
 * Solves `(W + α·(LᵀL + τ·L̃))·d = W·g` for displacements, each axis by conjugate gradients from where
 * they are: vertices with a weight are drawn by their gap, all of them keep to the mean of their
 * neighbors (L), so a smooth bump costs little. L̃ is the springs' own Laplacian.
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
  const count = weights.length;
  const { starts, neighbors } = membrane;
  const bend = new Float64Array(count);
  /** W + α·(LᵀL + τ·L̃), and a little, so that a head that nothing draws stays. */
  const multiply = (out: Float64Array, x: Float64Array): void => {
    for (let v = 0; v < count; v++) {
      const degree = starts[v + 1] - starts[v];
      let sum = 0;
      for (let s = starts[v]; s < starts[v + 1]; s++) sum += x[neighbors[s]];
      bend[v] = degree === 0 ? 0 : (x[v] - sum / degree) / degree;
      out[v] = (weights[v] + 1e-9) * x[v] + alpha * STRETCHING * (degree * x[v] - sum);
    }
    for (let v = 0; v < count; v++) {
      let sum = (starts[v + 1] - starts[v]) * bend[v];
      for (let s = starts[v]; s < starts[v + 1]; s++) sum -= bend[neighbors[s]];
      out[v] += alpha * sum;
    }
  };
  const diagonal = weights.map((w, v) => {
    const degree = starts[v + 1] - starts[v];
    let sum = degree === 0 ? 0 : 1;
    for (let s = starts[v]; s < starts[v + 1]; s++) {
      const other = starts[neighbors[s] + 1] - starts[neighbors[s]];
      sum += 1 / other ** 2;
    }
    return w + 1e-9 + alpha * (sum + STRETCHING * degree);
  });
  const vector = (): Float64Array => new Float64Array(count);
  const [x, r, p, q] = [vector(), vector(), vector(), vector()];
  for (let axis = 0; axis < 3; axis++) {
    for (let v = 0; v < count; v++) x[v] = displacements[3 * v + axis];
    multiply(q, x);
    let rho = 0;
    let scale = 0;
    for (let v = 0; v < count; v++) {
      const drawn = weights[v] * gaps[3 * v + axis];
      r[v] = drawn - q[v];
      p[v] = r[v] / diagonal[v];
      rho += r[v] * p[v];
      scale += drawn ** 2 / diagonal[v];
    }
    for (let i = 0; i < MAX_ITERATIONS && rho > TOLERANCE ** 2 * scale; i++) {
      multiply(q, p);
      let curvature = 0;
      for (let v = 0; v < count; v++) curvature += p[v] * q[v];
      const step = rho / curvature;
      let next = 0;
      for (let v = 0; v < count; v++) {
        x[v] += step * p[v];
        r[v] -= step * q[v];
        next += r[v] ** 2 / diagonal[v];
      }
      const ratio = next / rho;
      rho = next;
      for (let v = 0; v < count; v++) p[v] = r[v] / diagonal[v] + ratio * p[v];
    }
    for (let v = 0; v < count; v++) displacements[3 * v + axis] = x[v];
  }
}

/** Neighbors of each vertex along edges, as one list with starts. */
export interface VertexNeighbors {
  /** [V+1] */
  readonly starts: Uint32Array;
  readonly list: Uint32Array;
}

/** Collects each vertex' neighbors from triangles [F×3]. */
export function vertexNeighbors(indices: Uint32Array, vertexCount: number): VertexNeighbors {
  const sets: Set<number>[] = Array.from({ length: vertexCount }, () => new Set());
  for (let t = 0; t < indices.length; t += 3) {
    for (let corner = 0; corner < 3; corner++) {
      const a = indices[t + corner];
      const b = indices[t + ((corner + 1) % 3)];
      sets[a].add(b);
      sets[b].add(a);
    }
  }
  const starts = new Uint32Array(vertexCount + 1);
  for (let v = 0; v < vertexCount; v++) starts[v + 1] = starts[v] + sets[v].size;
  const list = new Uint32Array(starts[vertexCount]);
  for (let v = 0, at = 0; v < vertexCount; v++) for (const n of sets[v]) list[at++] = n;
  return { starts, list };
}

/**
 * Spreads values over the mesh: vertices of weight 1 keep theirs, those of weight 0 take the mean of
 * their neighbors, in between a mixture. Solved by sweeps in alternating order.
 *
 * @param values [V×C] changed in place
 * @param weights [V] trust in each value, 0…1
 */
export function diffuse(
  values: Float32Array,
  channels: number,
  weights: Float32Array,
  neighbors: VertexNeighbors,
  sweeps: number,
): void {
  const count = weights.length;
  const data = values.slice();
  for (let sweep = 0; sweep < sweeps; sweep++) {
    for (let step = 0; step < count; step++) {
      const v = sweep % 2 === 0 ? step : count - 1 - step;
      const trust = weights[v];
      const start = neighbors.starts[v];
      const end = neighbors.starts[v + 1];
      if (trust >= 1 || end === start) continue;
      for (let c = 0; c < channels; c++) {
        let sum = 0;
        for (let n = start; n < end; n++) sum += values[channels * neighbors.list[n] + c];
        const mean = sum / (end - start);
        values[channels * v + c] = trust * data[channels * v + c] + (1 - trust) * mean;
      }
    }
  }
}

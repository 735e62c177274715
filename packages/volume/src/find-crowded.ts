/**
 * The vertices at which a mesh is no manifold: those of edges with more than two triangles, or two that
 * disagree, and those whose triangles are more than one fan.
 *
 * @param indices [F×3]
 * @returns [V] 1 for such a vertex
 */
export function findCrowded(indices: Uint32Array, vertexCount: number): Uint8Array {
  const crowded = new Uint8Array(vertexCount);
  // 1. The corners of each vertex: its triangles' other two ends, in order.
  const starts = new Uint32Array(vertexCount + 1);
  for (const vertex of indices) starts[vertex + 1]!++;
  for (let v = 0; v < vertexCount; v++) starts[v + 1]! += starts[v]!;
  const next = starts.slice();
  const ends = new Uint32Array(2 * indices.length);
  for (let i = 0; i < indices.length; i++) {
    const t = i - (i % 3);
    const at = next[indices[i]!]!++;
    ends[2 * at] = indices[t + ((i + 1) % 3)]!;
    ends[2 * at + 1] = indices[t + ((i + 2) % 3)]!;
  }
  // 2. From end to end each edge may be left and entered once, and one walk reaches all corners.
  const leave = new Int32Array(vertexCount).fill(-1);
  const enter = new Int32Array(vertexCount).fill(-1);
  for (let v = 0; v < vertexCount; v++) {
    const [first, last] = [starts[v]!, starts[v + 1]!];
    for (let c = first; c < last; c++) {
      const [from, to] = [ends[2 * c]!, ends[2 * c + 1]!];
      if (leave[from]! >= 0) crowded[v] = crowded[from] = 1;
      if (enter[to]! >= 0) crowded[v] = crowded[to] = 1;
      leave[from] = c;
      enter[to] = c;
    }
    if (crowded[v] === 0 && last > first) {
      // An open fan begins at the corner that none leads to.
      let start = first;
      for (let c = first; c < last; c++) if (enter[ends[2 * c]!]! < 0) start = c;
      let steps = 0;
      for (let c = start; c >= 0 && steps < last - first; c = leave[ends[2 * c + 1]!]!) {
        steps++;
        if (leave[ends[2 * c + 1]!] === start) break;
      }
      if (steps < last - first) crowded[v] = 1;
    }
    for (let c = first; c < last; c++) {
      leave[ends[2 * c]!] = -1;
      enter[ends[2 * c + 1]!] = -1;
    }
  }
  return crowded;
}

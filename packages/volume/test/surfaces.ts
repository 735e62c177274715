import type { Mesh } from "@headform/mesh";
import type { VoxelGrid } from "@headform/volume";

/** A grid of side³ samples over [−1, 1]³ of a function. */
export function sample(
  side: number,
  value: (x: number, y: number, z: number) => number,
): VoxelGrid<Float32Array> {
  const step = 2 / (side - 1);
  const data = new Float32Array(side ** 3);
  for (let z = 0, i = 0; z < side; z++) {
    for (let y = 0; y < side; y++) {
      for (let x = 0; x < side; x++, i++) {
        data[i] = value(-1 + x * step, -1 + y * step, -1 + z * step);
      }
    }
  }
  return { data, dims: [side, side, side], spacing: [step, step, step], origin: [-1, -1, -1] };
}

/** What is countable about a mesh. */
export interface Topology {
  /** Vertices − edges + triangles. */
  readonly euler: number;
  /** Edges of one triangle only. */
  readonly borders: number;
  /** Directed edges that occur twice: more than two triangles, or two that disagree. */
  readonly badEdges: number;
  /** Vertices that no triangle uses or whose triangles are more than one fan. */
  readonly badVertices: number;
}

export function topologyOf({ positions, indices }: Mesh): Topology {
  const vertexCount = positions.length / 3;
  const edges = new Set<number>();
  let badEdges = 0;
  // Triangles around each vertex: next[v] leads from one neighbor to the next.
  const around: Map<number, number>[] = Array.from({ length: vertexCount }, () => new Map());
  for (let t = 0; t < indices.length; t += 3) {
    for (let i = 0; i < 3; i++) {
      const a = indices[t + i]!;
      const b = indices[t + ((i + 1) % 3)]!;
      const key = a * vertexCount + b;
      if (a === b || edges.has(key)) badEdges++;
      edges.add(key);
      around[a]!.set(b, indices[t + ((i + 2) % 3)]!);
    }
  }
  let borders = 0;
  for (const key of edges) {
    if (!edges.has((key % vertexCount) * vertexCount + Math.floor(key / vertexCount))) borders++;
  }
  const badVertices = around.filter((next) => {
    if (next.size === 0) return true;
    const heads = new Set(next.values());
    const start = [...next.keys()].find((key) => !heads.has(key)) ?? next.keys().next().value!;
    let at: number | undefined = start;
    let steps = 0;
    while (at !== undefined && next.has(at) && steps < next.size) {
      at = next.get(at);
      steps++;
      if (at === start) break;
    }
    return steps !== next.size;
  }).length;
  const edgeCount = (edges.size + borders) / 2;
  return { euler: vertexCount - edgeCount + indices.length / 3, borders, badEdges, badVertices };
}

/** Signed volume and area. */
export function measure({ positions, indices }: Mesh): { volume: number; area: number } {
  let volume = 0;
  let area = 0;
  for (let t = 0; t < indices.length; t += 3) {
    const [a, b, c] = [0, 1, 2].map((i) => {
      const at = 3 * indices[t + i]!;
      return positions.subarray(at, at + 3);
    }) as [Float32Array, Float32Array, Float32Array];
    const [p, q] = [b, c].map((corner) => [0, 1, 2].map((i) => corner[i]! - a[i]!)) as [
      number[],
      number[],
    ];
    const normal = [0, 1, 2].map((i) => {
      const [j, k] = [(i + 1) % 3, (i + 2) % 3];
      return p[j]! * q[k]! - p[k]! * q[j]!;
    });
    area += Math.hypot(...normal) / 2;
    volume += normal.reduce((sum, n, i) => sum + n * a[i]!, 0) / 6;
  }
  return { volume, area };
}

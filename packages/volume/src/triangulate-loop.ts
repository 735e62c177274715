import { distanceBetween, isInOneFace } from "./cell-edges.ts";

/**
 * The triangulation of a loop whose diagonals are shortest in sum, of those without a diagonal in a
 * face; nothing where there is none.
 */
export function triangulateLoop(loop: readonly number[]): number[] | undefined {
  const lengths = loop.flatMap((a) =>
    loop.map((b) => (isInOneFace(a, b) ? Number.POSITIVE_INFINITY : distanceBetween(a, b))),
  );
  const diagonal = (i: number, j: number): number =>
    j - i === 1 || j - i === loop.length - 1 ? 0 : lengths[i * loop.length + j]!;
  const fill = (i: number, j: number): { cost: number; triangles: number[] } => {
    if (j - i < 2) return { cost: 0, triangles: [] };
    let best = { cost: Number.POSITIVE_INFINITY, triangles: [] as number[] };
    for (let k = i + 1; k < j; k++) {
      const own = diagonal(i, k) + diagonal(k, j);
      if (own >= best.cost) continue;
      const [left, right] = [fill(i, k), fill(k, j)];
      const cost = own + left.cost + right.cost;
      if (cost >= best.cost) continue;
      const triangle = [loop[i]!, loop[k]!, loop[j]!];
      best = { cost, triangles: [...left.triangles, ...triangle, ...right.triangles] };
    }
    return best;
  };
  const { cost, triangles } = fill(0, loop.length - 1);
  return cost < Number.POSITIVE_INFINITY ? triangles : undefined;
}

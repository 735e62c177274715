import type { Loop, LoopPair } from "./cell-table.ts";

/**
 * Code of the first vertex inside of a cell with a tunnel. The trilinear interpolation has the
 * isovalue along six lines, two of each axis; they meet in the corners of a box, but for the two of a
 * diagonal. Corner x + 2y + 4z, 0 for the lower of the two values.
 */
export const RING = 16;

/**
 * The triangles of a tunnel: two bands, from either loop to the ring of six vertices between them.
 *
 * @param ends the two loops
 * @param diagonal a corner at the end of the diagonal that the ring leaves out
 * @param placeOf [3] where the vertex of an edge or of the ring lies
 * @returns three codes per triangle: edges and {@link RING} + corner
 */
export function triangulateTunnel(
  [first, second]: LoopPair,
  diagonal: number,
  placeOf: (code: number) => ArrayLike<number>,
): readonly number[] {
  const ring = [1, 3, 2, 6, 4, 5].map((flip) => RING + (diagonal ^ flip));
  const turned = ring.slice().reverse();
  // The ring runs one way as the border of one band and the other way as the other's: not twisted.
  const [one, other] = [
    [ring, turned],
    [turned, ring],
  ].map(([near, far]) => {
    const bands = [shortestBand(first, near!, placeOf), shortestBand(second, far!, placeOf)];
    return {
      cost: bands.reduce((sum, { cost }) => sum + cost, 0),
      triangles: bands.flatMap(({ triangles }) => triangles),
    };
  });
  return one!.cost < other!.cost ? one!.triangles : other!.triangles;
}

interface Band {
  readonly triangles: readonly number[];
  /** Sum of the lengths of the lines across. */
  readonly cost: number;
}

/** Of all bands between two loops, each counter-clockwise as its border, the one of shortest lines. */
function shortestBand(
  first: Loop,
  second: Loop,
  placeOf: (code: number) => ArrayLike<number>,
): Band {
  const [n, m] = [first.length, second.length];
  // Read backwards, both loops run the same way.
  const facing = second.slice().reverse();
  const lines = new Float64Array(n * m);
  first.forEach((p, i) => {
    facing.forEach((q, j) => {
      const [a, b] = [placeOf(p), placeOf(q)];
      lines[i * m + j] = Math.hypot(a[0]! - b[0]!, a[1]! - b[1]!, a[2]! - b[2]!);
    });
  });
  let best: Band = { triangles: [], cost: Infinity };
  for (let start = 0; start < n * m; start++) {
    const band = connect(first, facing, lines, Math.floor(start / m), start % m, best.cost);
    if (band) best = band;
  }
  return best;
}

/**
 * From the line between two vertices, either loop goes on by one until both are around; the first loop
 * makes the first step, the second the last. One going around at once would leave a line twice.
 */
function connect(
  first: Loop,
  second: Loop,
  lines: Float64Array,
  i0: number,
  j0: number,
  limit: number,
): Band | undefined {
  const [n, m] = [first.length, second.length];
  const costs = new Float64Array((n + 1) * (m + 1)).fill(Infinity);
  const byFirst = new Uint8Array(costs.length);
  costs[0] = 0;
  for (let i = 1; i <= n; i++) {
    for (let j = i === n ? 1 : 0; j <= m; j++) {
      const at = i * (m + 1) + j;
      const viaFirst = i === n && j === m ? Infinity : costs[at - m - 1]!;
      const viaSecond = j > 0 ? costs[at - 1]! : Infinity;
      byFirst[at] = viaFirst < viaSecond ? 1 : 0;
      costs[at] = lines[((i0 + i) % n) * m + ((j0 + j) % m)]! + Math.min(viaFirst, viaSecond);
    }
  }
  const cost = costs[costs.length - 1]!;
  if (!(cost < limit)) return undefined;
  const triangles: number[] = [];
  const p = (i: number): number => first[(i0 + i) % n]!;
  const q = (j: number): number => second[(j0 + j) % m]!;
  for (let i = n, j = m; i + j > 0; ) {
    if (byFirst[i * (m + 1) + j] === 1) {
      i--;
      triangles.push(p(i), p(i + 1), q(j));
    } else {
      j--;
      triangles.push(q(j + 1), q(j), p(i));
    }
  }
  return { triangles, cost };
}

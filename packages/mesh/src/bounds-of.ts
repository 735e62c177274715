import type { Mesh } from "./mesh.ts";

/** The smallest box along the axes that holds all points. */
export interface Bounds {
  /** [3] */
  readonly min: Float64Array;
  /** [3] */
  readonly max: Float64Array;
}

/**
 * The box along the axes around all vertices, also those of no triangle.
 *
 * @param mesh anything with positions [V×3]
 * @throws {RangeError} when there is no vertex
 */
export function boundsOf({ positions }: Pick<Mesh, "positions">): Bounds {
  if (positions.length === 0) throw new RangeError("boundsOf: expected V ≥ 1 vertices, got 0");
  const min = new Float64Array(3).fill(Infinity);
  const max = new Float64Array(3).fill(-Infinity);
  for (let i = 0; i < positions.length; i++) {
    const axis = i % 3;
    min[axis] = Math.min(min[axis]!, positions[i]!);
    max[axis] = Math.max(max[axis]!, positions[i]!);
  }
  return { min, max };
}

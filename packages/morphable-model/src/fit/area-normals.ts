/** Vertex normals weighted by area, with the lengths of the sums they are the directions of. */
export interface AreaNormals {
  /** [V×3] of length 1, or 0 where no triangle of any area meets the vertex. */
  readonly normals: Float64Array;
  /** [V] |Σ (b − a) × (c − a)|: twice the area around the vertex, roughly. */
  readonly lengths: Float64Array;
}

export function createAreaNormals(vertexCount: number): AreaNormals {
  return { normals: new Float64Array(3 * vertexCount), lengths: new Float64Array(vertexCount) };
}

/**
 * Vertex normals `nᵥ = N/|N|`, `N = Σ (b − a) × (c − a)` over the triangles at v, into `out`.
 *
 * @param positions [V×3]
 * @param indices [F×3]
 */
export function writeAreaNormals(
  out: AreaNormals,
  positions: ArrayLike<number>,
  indices: Uint32Array,
): void {
  const { normals, lengths } = out;
  normals.fill(0);
  for (let f = 0; f < indices.length; f += 3) {
    const a = 3 * indices[f];
    const b = 3 * indices[f + 1];
    const c = 3 * indices[f + 2];
    const ux = positions[b] - positions[a];
    const uy = positions[b + 1] - positions[a + 1];
    const uz = positions[b + 2] - positions[a + 2];
    const vx = positions[c] - positions[a];
    const vy = positions[c + 1] - positions[a + 1];
    const vz = positions[c + 2] - positions[a + 2];
    const x = uy * vz - uz * vy;
    const y = uz * vx - ux * vz;
    const z = ux * vy - uy * vx;
    normals[a] += x;
    normals[a + 1] += y;
    normals[a + 2] += z;
    normals[b] += x;
    normals[b + 1] += y;
    normals[b + 2] += z;
    normals[c] += x;
    normals[c + 1] += y;
    normals[c + 2] += z;
  }
  for (let v = 0, i = 0; v < lengths.length; v++, i += 3) {
    const length = Math.sqrt(normals[i] ** 2 + normals[i + 1] ** 2 + normals[i + 2] ** 2);
    lengths[v] = length;
    if (length === 0) continue;
    normals[i] /= length;
    normals[i + 1] /= length;
    normals[i + 2] /= length;
  }
}

/**
 * Adds to `out` [V×3] the gradient by the positions of what has the gradient `byNormals` [V×3] by the
 * normals: with `h = (I − n·nᵀ)·g/|N|`, corner a of a triangle gets `(hₐ + h_b + h_c) × (c − b)`.
 *
 * @param pulled [V×3] memory for h
 */
export function addNormalGradient(
  out: Float64Array,
  byNormals: Float64Array,
  { normals, lengths }: AreaNormals,
  positions: ArrayLike<number>,
  indices: Uint32Array,
  pulled: Float64Array,
): void {
  for (let v = 0, i = 0; v < lengths.length; v++, i += 3) {
    if (lengths[v] === 0) {
      pulled.fill(0, i, i + 3);
      continue;
    }
    const along =
      normals[i] * byNormals[i] +
      normals[i + 1] * byNormals[i + 1] +
      normals[i + 2] * byNormals[i + 2];
    for (let axis = 0; axis < 3; axis++) {
      pulled[i + axis] = (byNormals[i + axis] - normals[i + axis] * along) / lengths[v];
    }
  }
  for (let f = 0; f < indices.length; f += 3) {
    const a = 3 * indices[f];
    const b = 3 * indices[f + 1];
    const c = 3 * indices[f + 2];
    const hx = pulled[a] + pulled[b] + pulled[c];
    const hy = pulled[a + 1] + pulled[b + 1] + pulled[c + 1];
    const hz = pulled[a + 2] + pulled[b + 2] + pulled[c + 2];
    if (hx === 0 && hy === 0 && hz === 0) continue;
    addCross(out, a, hx, hy, hz, positions, b, c);
    addCross(out, b, hx, hy, hz, positions, c, a);
    addCross(out, c, hx, hy, hz, positions, a, b);
  }
}

/** out[at…] += h × (x[to…] − x[from…]) */
function addCross(
  out: Float64Array,
  at: number,
  hx: number,
  hy: number,
  hz: number,
  x: ArrayLike<number>,
  from: number,
  to: number,
): void {
  const ex = x[to] - x[from];
  const ey = x[to + 1] - x[from + 1];
  const ez = x[to + 2] - x[from + 2];
  out[at] += hy * ez - hz * ey;
  out[at + 1] += hz * ex - hx * ez;
  out[at + 2] += hx * ey - hy * ex;
}

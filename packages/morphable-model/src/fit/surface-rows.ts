import type { GramKernel } from "@headform/core-math";
import { type HeadMotion, type VertexRows, writeRows } from "./head-motion.ts";
import type { HeadUnknowns } from "./head-unknowns.ts";
import type { SurfaceEnergy } from "./surface-energy.ts";
import { SURFACE_CAMERA_UNKNOWNS, type SurfaceProblem } from "./surface-problem.ts";

/** Rows of one representative vertex: two of its pixel, two of its normal. */
export const ROWS_OF_VERTEX = 4;

/** Where rows are written, column by column: those of one unknown follow each other. */
export type RowMemory = Pick<GramKernel, "rows" | "stride">;

/**
 * Writes the rows of the Gauss–Newton matrix: of each group of consecutive vertices in the scene's
 * order one stands for all, with their weights, so that the rows fit into the memory.
 *
 * @param leading the unknowns that get columns; the camera's follow
 */
export function writeSurfaceRows(
  memory: RowMemory,
  problem: SurfaceProblem,
  { view, pulls }: SurfaceEnergy,
  motion: HeadMotion,
  leading: HeadUnknowns,
): void {
  const { scene, unknowns } = problem;
  const { rows: out, stride } = memory;
  const partial = { ...problem, unknowns: leading };
  const rows = createRows(scene.order.length, stride, scene.widestFan + 2);
  out.fill(0);
  // 1. Groups of vertices that anything pulls at.
  const active = scene.order.filter((v) => weighs(pulls, v));
  const groups = Math.max(1, Math.floor(stride / ROWS_OF_VERTEX));
  const step = Math.max(1, Math.ceil(active.length / groups));
  for (let first = 0; first < active.length; first += step) {
    const last = Math.min(active.length, first + step);
    const chosen = active[(first + last) >> 1];
    const sums = addUp(pulls, active.subarray(first, last));
    writePixelRows(partial, view, rows, memory, chosen, sums);
    writeNormalRows(partial, view, rows, memory, chosen, sums);
  }
  // 2. Columns of the head; the camera's are written.
  writeRows({ ...motion, unknowns: leading }, { ...rows.sparse, count: rows.count }, out, stride);
  const { frame } = view;
  if (frame) {
    const column = frame.column - unknowns.columns + leading.columns;
    writeFrameColumns(rows, frame.axes, column, memory);
  }
}

interface Rows {
  count: number;
  readonly sparse: Omit<VertexRows, "count">;
  /** Place of each vertex in the row at hand, −1 elsewhere. */
  readonly places: Int32Array;
  /** Rows that belong to normals, with what a turn of the frame does to them [3]. */
  readonly moments: Map<number, readonly number[]>;
}

/** @param width most vertices in a row: one with its neighbors */
function createRows(vertexCount: number, length: number, width: number): Rows {
  const room = length * width;
  return {
    count: 0,
    sparse: {
      starts: new Uint32Array(length + 1),
      vertices: new Uint32Array(room),
      vectors: new Float64Array(3 * room),
    },
    places: new Int32Array(vertexCount).fill(-1),
    moments: new Map(),
  };
}

function weighs({ pixelWeights, normalWeights }: SurfaceEnergy["pulls"], v: number): boolean {
  return (
    pixelWeights[3 * v] + pixelWeights[3 * v + 2] > 0 ||
    normalWeights[3 * v] + normalWeights[3 * v + 1] + normalWeights[3 * v + 2] > 0
  );
}

interface Sums {
  readonly pixel: number[];
  readonly normal: number[];
  readonly slopes: number[];
}

function addUp(
  { pixelWeights, normalWeights, normalSlopes }: SurfaceEnergy["pulls"],
  group: Uint32Array,
): Sums {
  const sums: Sums = { pixel: [0, 0, 0], normal: [0, 0, 0], slopes: [0, 0, 0, 0, 0, 0] };
  for (const v of group) {
    for (let i = 0; i < 3; i++) {
      sums.pixel[i] += pixelWeights[3 * v + i];
      sums.normal[i] += normalWeights[3 * v + i];
    }
    for (let i = 0; i < 6; i++) sums.slopes[i] += normalSlopes[6 * v + i];
  }
  const total = (sums.normal[0] + sums.normal[1] + sums.normal[2]) / 3;
  for (let i = 0; i < 6 && total > 0; i++) sums.slopes[i] /= total;
  return sums;
}

/** [l₀₀, l₁₀, l₁₁] of the 2×2 matrix [a b; b c] = L·Lᵀ, 0 where it is not positive. */
function factor(a: number, b: number, c: number): readonly [number, number, number] {
  if (!(a > 0)) return [0, 0, Math.sqrt(Math.max(0, c))];
  const root = Math.sqrt(a);
  const side = b / root;
  return [root, side, Math.sqrt(Math.max(0, c - side * side))];
}

/** Rows Lᵀ·(du, dv) of the chosen vertex. */
function writePixelRows(
  problem: SurfaceProblem,
  { byPoint, byCamera }: SurfaceEnergy["view"],
  rows: Rows,
  memory: RowMemory,
  v: number,
  { pixel }: Sums,
): void {
  const [p, q, r] = factor(pixel[0], pixel[1], pixel[2]);
  for (const [x, y] of [
    [p, q],
    [0, r],
  ]) {
    if (x === 0 && y === 0) continue;
    addVertex(rows, v, along(byPoint, 6 * v, 3, x, y, 3));
    writeCamera(problem, memory, rows.count, along(byCamera, 18 * v, 9, x, y, 9));
    endRow(rows);
  }
}

/** Rows τ·(dn − slope·du) of the chosen vertex, τ in the plane of its normal. */
function writeNormalRows(
  problem: SurfaceProblem,
  view: SurfaceEnergy["view"],
  rows: Rows,
  memory: RowMemory,
  v: number,
  { normal: w, slopes }: Sums,
): void {
  const { scene, unknowns } = problem;
  const { surface, normals, frame, positions, byPoint, byCamera } = view;
  const length = surface.lengths[v];
  if (length === 0 || !(w[0] + w[1] + w[2] > 0)) return;
  const n = normals.subarray(3 * v, 3 * v + 3);
  const [s, t] = tangents(n);
  const weigh = (a: readonly number[], b: readonly number[]): number =>
    w[0] * a[0] * b[0] + w[1] * a[1] * b[1] + w[2] * a[2] * b[2];
  const [p, q, r] = factor(weigh(s, s), weigh(s, t), weigh(t, t));
  const { indices } = unknowns.model;
  for (const [x, y] of [
    [p, q],
    [0, r],
  ]) {
    if (x === 0 && y === 0) continue;
    const tau = s.map((value, i) => x * value + y * t[i]);
    const seen = Float64Array.from(tau);
    const h = (frame ? frame.toModel(seen) : seen).map((value) => value / length);
    // 1. The corners of the triangles at v: (h × opposite edge)·dx.
    for (let i = scene.fanStarts[v]; i < scene.fanStarts[v + 1]; i++) {
      const f = 3 * scene.fans[i];
      for (let corner = 0; corner < 3; corner++) {
        const from = 3 * indices[f + ((corner + 1) % 3)];
        const to = 3 * indices[f + ((corner + 2) % 3)];
        const ex = positions[to] - positions[from];
        const ey = positions[to + 1] - positions[from + 1];
        const ez = positions[to + 2] - positions[from + 2];
        addVertex(rows, indices[f + corner], [
          h[1] * ez - h[2] * ey,
          h[2] * ex - h[0] * ez,
          h[0] * ey - h[1] * ex,
        ]);
      }
    }
    // 2. The surface slides under the pixel.
    const du = -(tau[0] * slopes[0] + tau[1] * slopes[2] + tau[2] * slopes[4]);
    const dv = -(tau[0] * slopes[1] + tau[1] * slopes[3] + tau[2] * slopes[5]);
    addVertex(rows, v, along(byPoint, 6 * v, 3, du, dv, 3));
    writeCamera(problem, memory, rows.count, along(byCamera, 18 * v, 9, du, dv, 9));
    if (frame) {
      const m = 3 * v;
      const N = surface.normals;
      rows.moments.set(rows.count, [
        (N[m + 1] * h[2] - N[m + 2] * h[1]) * length,
        (N[m + 2] * h[0] - N[m] * h[2]) * length,
        (N[m] * h[1] - N[m + 1] * h[0]) * length,
      ]);
    }
    endRow(rows);
  }
}

/** x times one row and y times the next of a list. */
function along(
  list: Float64Array,
  at: number,
  stride: number,
  x: number,
  y: number,
  count: number,
): number[] {
  return Array.from({ length: count }, (_, i) => x * list[at + i] + y * list[at + stride + i]);
}

function addVertex({ places, sparse, count }: Rows, v: number, vector: readonly number[]): void {
  const { starts, vertices, vectors } = sparse;
  let place = places[v];
  if (place < 0) {
    place = starts[count + 1]++;
    // Rows end where the next one starts: the first vertex of a row opens it.
    vertices[place] = v;
    vectors.fill(0, 3 * place, 3 * place + 3);
    places[v] = place;
  }
  for (let axis = 0; axis < 3; axis++) vectors[3 * place + axis] += vector[axis];
}

function endRow(rows: Rows): void {
  const { sparse, places } = rows;
  const { starts, vertices } = sparse;
  for (let i = starts[rows.count]; i < starts[rows.count + 1]; i++) places[vertices[i]] = -1;
  rows.count++;
  if (rows.count + 1 < starts.length) starts[rows.count + 1] = starts[rows.count];
}

function writeCamera(
  { unknowns, free }: SurfaceProblem,
  { rows, stride }: RowMemory,
  row: number,
  values: readonly number[],
): void {
  for (let a = 0; a < SURFACE_CAMERA_UNKNOWNS; a++) {
    rows[(unknowns.columns + a) * stride + row] = free[a] * values[a];
  }
}

/** A turn of the head's frame about ω changes a normal's row by −ω·(n × g). */
function writeFrameColumns(
  { moments }: Rows,
  axes: Float64Array,
  column: number,
  { rows, stride }: RowMemory,
): void {
  for (const [row, moment] of moments) {
    for (let c = 0; c < 3; c++) {
      for (let axis = 0; axis < 3; axis++) {
        rows[(column + c) * stride + row] -= axes[3 * c + axis] * moment[axis];
      }
    }
  }
}

/** Two unit vectors across n and each other. */
function tangents(n: Float64Array): readonly [number[], number[]] {
  const axis = Math.abs(n[0]) < 0.6 ? 0 : 1;
  const along = n[axis];
  const s = [0, 1, 2].map((i) => (i === axis ? 1 : 0) - along * n[i]);
  const length = Math.hypot(...s);
  for (let i = 0; i < 3; i++) s[i] /= length;
  const t = [n[1] * s[2] - n[2] * s[1], n[2] * s[0] - n[0] * s[2], n[0] * s[1] - n[1] * s[0]];
  return [s, t];
}

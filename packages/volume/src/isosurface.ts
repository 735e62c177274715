import type { Mesh, Unit } from "@headform/mesh";
import { CELL_TABLE, FACE_CORNERS } from "./cell-table.ts";
import { createPlaceVertex } from "./create-place-vertex.ts";
import { padGrid } from "./pad-grid.ts";
import { checkGrid, type VoxelGrid } from "./voxel-grid.ts";

/** How {@link isosurface} cuts. */
export interface IsosurfaceOptions {
  /** The surface lies where the volume passes this value; above it is inside. */
  readonly isovalue?: number;
  /** Whether the surface is closed half a voxel outside of the outermost samples. */
  readonly closed?: boolean;
  /** Whether each vertex gets the direction of the steepest descent. */
  readonly normals?: boolean;
  /** Unit of the mesh: that of the grid's spacing and origin. */
  readonly unit?: Unit;
}

export const ISOSURFACE_DEFAULTS: Required<IsosurfaceOptions> = {
  isovalue: 0.5,
  closed: false,
  normals: true,
  unit: "none",
};

/** Cells per word of bits: one bit more than that, so that a word holds both ends of its cells. */
const CELLS = 31;

/**
 * The surface on which a volume has one value, as a welded mesh: one vertex per crossed grid edge,
 * linear between its two samples.
 *
 * Marching cubes; a face with two diagonal corners inside is decided by its bilinear saddle, so both
 * cells agree: every edge away from the grid's border belongs to exactly two triangles, every vertex
 * to one fan.
 *
 * @param grid the volume, above the isovalue inside
 * @throws {TypeError} when the data are neither Float32Array nor Uint8Array
 * @throws {RangeError} when the grid's sizes disagree, the isovalue is not finite, or a sample
 *   beside the surface is not finite
 * @see Lorensen and Cline, Marching cubes, 1987; Nielson and Hamann, The asymptotic decider, 1991
 */
export function isosurface(grid: VoxelGrid, options: IsosurfaceOptions = {}): Mesh {
  const { isovalue, closed, normals, unit } = { ...ISOSURFACE_DEFAULTS, ...options };
  checkGrid(grid, "isosurface");
  if (!Number.isFinite(isovalue)) {
    throw new RangeError(`isosurface: expected a finite isovalue, got ${isovalue}`);
  }
  const surface = march(closed ? padGrid(grid, isovalue) : grid, isovalue, normals);
  return { ...surface, unit };
}

/** Inside, bit per sample: bit k of word [z][y][w] is sample x = 31w + k. */
function packInside({ data, dims }: VoxelGrid, isovalue: number, words: number): Uint32Array {
  const [width, height, depth] = dims;
  const bits = new Uint32Array(words * height * depth);
  for (let row = 0; row < height * depth; row++) {
    for (let w = 0; w < words; w++) {
      const first = row * width + w * CELLS;
      const last = Math.min(first + CELLS + 1, (row + 1) * width);
      let word = 0;
      for (let i = first, bit = 1; i < last; i++, bit <<= 1) {
        if (data[i]! > isovalue) word |= bit;
      }
      bits[row * words + w] = word;
    }
  }
  return bits;
}

function march(
  grid: VoxelGrid,
  isovalue: number,
  withNormals: boolean,
): Pick<Mesh, "positions" | "indices" | "normals"> {
  const [width, height, depth] = grid.dims;
  const slice = width * height;
  const words = Math.floor((width - 1) / CELLS) + 1;
  const bits = packInside(grid, isovalue, words);
  const sliceWords = words * height;
  // 1. As many vertices as crossed edges: count them, so that the arrays need not grow.
  const count = countCrossings(bits, grid.dims, words);
  const positions = new Float32Array(3 * count);
  const normals = new Float32Array(withNormals ? 3 * count : 0);
  let indices = new Uint32Array(Math.max(96, 7 * count));
  let used = 0;
  let vertex = 0;
  const middles: Middles = { positions: [], normals: [], first: count };
  const { firstRow, choices, starts, codes, loops } = CELL_TABLE;

  // 2. Vertex of each crossed edge of two slices: along x and y of either, along z between them.
  const cache = new Int32Array(5 * slice);
  const place = createPlaceVertex(grid, isovalue, positions, normals);
  const addSlice = (z: number): void => {
    const alongX = (z & 1) * 2 * slice;
    const alongY = alongX + slice;
    for (let y = 0; y < height; y++) {
      for (let w = 0; w < words; w++) {
        const at = z * sliceWords + y * words + w;
        const word = bits[at]!;
        const x0 = w * CELLS;
        const i0 = y * width + x0;
        let crossed = (word ^ (word >>> 1)) & cellsOf(width, w);
        while (crossed !== 0) {
          const k = 31 - Math.clz32(crossed & -crossed);
          crossed &= crossed - 1;
          cache[alongX + i0 + k] = vertex;
          place(vertex++, x0 + k, y, z, 0);
        }
        if (y + 1 === height) continue;
        crossed = (word ^ bits[at + words]!) & 0x7fffffff;
        while (crossed !== 0) {
          const k = 31 - Math.clz32(crossed & -crossed);
          crossed &= crossed - 1;
          cache[alongY + i0 + k] = vertex;
          place(vertex++, x0 + k, y, z, 1);
        }
      }
    }
  };
  const addBetween = (z: number): void => {
    for (let y = 0; y < height; y++) {
      for (let w = 0; w < words; w++) {
        const at = z * sliceWords + y * words + w;
        let crossed = (bits[at]! ^ bits[at + sliceWords]!) & 0x7fffffff;
        while (crossed !== 0) {
          const k = 31 - Math.clz32(crossed & -crossed);
          crossed &= crossed - 1;
          cache[4 * slice + y * width + w * CELLS + k] = vertex;
          place(vertex++, w * CELLS + k, y, z, 2);
        }
      }
    }
  };

  // 3. Slab by slab: its vertices, then the triangles of the cells that the surface crosses.
  const edges = new Int32Array(12);
  addSlice(0);
  for (let z = 0; z + 1 < depth; z++) {
    addSlice(z + 1);
    addBetween(z);
    placeEdges(edges, z, width, slice);
    for (let y = 0; y + 1 < height; y++) {
      for (let w = 0; w < words; w++) {
        const at = z * sliceWords + y * words + w;
        const a = bits[at]!;
        const b = bits[at + words]!;
        const c = bits[at + sliceWords]!;
        const d = bits[at + sliceWords + words]!;
        const all = a & b & c & d;
        const any = a | b | c | d;
        let active = (any | (any >>> 1)) & ~(all & (all >>> 1)) & cellsOf(width, w);
        while (active !== 0) {
          const k = 31 - Math.clz32(active & -active);
          active &= active - 1;
          const inside =
            ((a >>> k) & 3) |
            (((b >>> k) & 3) << 2) |
            (((c >>> k) & 3) << 4) |
            (((d >>> k) & 3) << 6);
          const x = w * CELLS + k;
          const cell = y * width + x;
          let row = firstRow[inside]!;
          if (choices[inside] !== 0) {
            row += decideFaces(grid, isovalue, z * slice + cell, inside, choices[inside]!);
          }
          // No cell has more than 16 triangles.
          if (used + 48 > indices.length) {
            const larger = new Uint32Array(2 * indices.length);
            larger.set(indices);
            indices = larger;
          }
          const end = starts[row + 1]!;
          if (loops[row]!.length > 0) {
            used = addWithMiddles(
              indices,
              used,
              row,
              cache,
              cell,
              edges,
              middles,
              positions,
              normals,
            );
            continue;
          }
          for (let i = starts[row]!; i < end; i++) {
            indices[used++] = cache[cell + edges[codes[i]!]!]!;
          }
        }
      }
    }
  }
  return {
    positions: append(positions, middles.positions),
    indices: indices.slice(0, used),
    ...(withNormals ? { normals: append(normals, middles.normals) } : {}),
  };
}

/** Vertices in the middle of loops, behind those on edges. */
interface Middles {
  readonly positions: number[];
  readonly normals: number[];
  /** Index of the first of them. */
  readonly first: number;
}

function append(array: Float32Array, more: readonly number[]): Float32Array {
  if (more.length === 0) return array;
  const all = new Float32Array(array.length + more.length);
  all.set(array);
  all.set(more, array.length);
  return all;
}

/** The bits of word w that are the lower end of a cell. */
function cellsOf(width: number, w: number): number {
  const cells = width - 1 - w * CELLS;
  return cells >= CELLS ? 0x7fffffff : (1 << cells) - 1;
}

function bitCount(word: number): number {
  let sum = word - ((word >>> 1) & 0x55555555);
  sum = (sum & 0x33333333) + ((sum >>> 2) & 0x33333333);
  return Math.imul((sum + (sum >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

function countCrossings(bits: Uint32Array, dims: VoxelGrid["dims"], words: number): number {
  const [width, height, depth] = dims;
  const sliceWords = words * height;
  let count = 0;
  for (let z = 0, at = 0; z < depth; z++) {
    for (let y = 0; y < height; y++) {
      for (let w = 0; w < words; w++, at++) {
        const word = bits[at]!;
        count += bitCount((word ^ (word >>> 1)) & cellsOf(width, w));
        if (y + 1 < height) count += bitCount((word ^ bits[at + words]!) & 0x7fffffff);
        if (z + 1 < depth) count += bitCount((word ^ bits[at + sliceWords]!) & 0x7fffffff);
      }
    }
  }
  return count;
}

/** Where in the cache each edge's vertex is, from the cell's own place: slices take turns. */
function placeEdges(out: Int32Array, z: number, width: number, slice: number): void {
  for (let i = 0; i < 4; i++) {
    const [low, high] = [i & 1, i >> 1];
    const half = ((z + high) & 1) * 2 * slice;
    out[i] = half + low * width;
    out[4 + i] = half + slice + low;
    out[8 + i] = 4 * slice + low + high * width;
  }
}

/** Which of a cell's faces with a choice join their inside corners, as the table numbers rows. */
function decideFaces(
  { data, dims }: VoxelGrid,
  isovalue: number,
  at: number,
  inside: number,
  choices: number,
): number {
  const [width, height] = dims;
  const value = (corner: number): number =>
    data[at + (corner & 1) + ((corner >> 1) & 1) * width + (corner >> 2) * width * height]! -
    isovalue;
  let row = 0;
  let bit = 1;
  for (let face = 0; face < 6; face++) {
    if (((choices >> face) & 1) === 0) continue;
    const [a, b, c, d] = FACE_CORNERS[face] as [number, number, number, number];
    // The saddle (ac − bd) / (a + c − b − d) is inside; the denominator has the sign of a.
    const difference = value(a) * value(c) - value(b) * value(d);
    if (((inside >> a) & 1) === 1 ? difference > 0 : difference < 0) row |= bit;
    bit <<= 1;
  }
  return row;
}

/** The triangles of a cell some of whose loops need a vertex in their middle. */
function addWithMiddles(
  indices: Uint32Array,
  used: number,
  row: number,
  cache: Int32Array,
  cell: number,
  edges: Int32Array,
  middles: Middles,
  positions: Float32Array,
  normals: Float32Array,
): number {
  const first = middles.first + middles.positions.length / 3;
  for (const loop of CELL_TABLE.loops[row]!) {
    const vertices = loop.map((edge) => cache[cell + edges[edge]!]!);
    const sum = (array: Float32Array, axis: number): number =>
      vertices.reduce((total, vertex) => total + array[3 * vertex + axis]!, 0);
    for (let axis = 0; axis < 3; axis++) {
      middles.positions.push(sum(positions, axis) / vertices.length);
    }
    if (normals.length === 0) continue;
    const normal = [sum(normals, 0), sum(normals, 1), sum(normals, 2)];
    const length = Math.hypot(...normal);
    // Normals that cancel out leave the direction open: any one is as good.
    middles.normals.push(...(length > 1e-6 ? normal.map((n) => n / length) : [0, 0, 1]));
  }
  const { starts, codes } = CELL_TABLE;
  for (let i = starts[row]!; i < starts[row + 1]!; i++) {
    const code = codes[i]!;
    indices[used++] = code < 12 ? cache[cell + edges[code]!]! : first + code - 12;
  }
  return used;
}

import { CELL_TABLE } from "./cell-table.ts";
import { createPlaceVertex } from "./create-place-vertex.ts";
import { RECORD, type SlabKernel } from "./slab-kernel.ts";
import type { VoxelGrid } from "./voxel-grid.ts";

/** Cells per word of bits: one bit more than that, so that a word holds both ends of its cells. */
const CELLS = 31;
/**
 * Slices whose bits are kept: one more than a step needs. Its samples are those that the gradients of
 * this step want, and having been read in order they are at hand: that saves a quarter of the time.
 */
const SLICES = 3;

/** The kernel that runs everywhere, on the grid's own samples. */
export function createTypeScriptKernel(
  grid: VoxelGrid,
  isovalue: number,
  withNormals: boolean,
): SlabKernel {
  const [width, height, depth] = grid.dims;
  const slice = width * height;
  const words = Math.floor((width - 1) / CELLS) + 1;
  const sliceWords = words * height;
  const { firstRow, isAmbiguous, starts, codes } = CELL_TABLE;
  // 1. Bits of a few slices; two of vertices by edge: along x and y of either, along z between them.
  const bits = new Uint32Array(SLICES * sliceWords);
  const cache = new Int32Array(5 * slice);
  const edges = new Int32Array(12);
  const ambiguous = new Int32Array(RECORD * slice);
  // 2. Room for a surface as large as the grid's border, made larger when needed; what is not used is
  //    never touched. Counting the crossings first would save a copy, but read all samples twice.
  const guess = 2 * (slice + (width + height) * depth) + 3 * width;
  let positions = new Float32Array(3 * guess);
  let normals = new Float32Array(withNormals ? 3 * guess : 0);
  let indices = new Uint32Array(6 * guess + 15 * width);
  let place = createPlaceVertex(grid, isovalue, positions, normals);
  let vertex = 0;

  const enlarge = (): void => {
    const [p, n] = [positions, normals];
    positions = new Float32Array(2 * p.length);
    positions.set(p);
    normals = new Float32Array(2 * n.length);
    normals.set(n);
    place = createPlaceVertex(grid, isovalue, positions, normals);
  };

  const addRow = (z: number, y: number): void => {
    if (3 * (vertex + 3 * width) > positions.length) enlarge();
    const upper = ((z + 1) % SLICES) * sliceWords + y * words;
    const lower = (z % SLICES) * sliceWords + y * words;
    const alongX = ((z + 1) & 1) * 2 * slice;
    for (let w = 0, x0 = 0, at = y * width; w < words; w++, x0 += CELLS, at += CELLS) {
      const word = bits[upper + w]!;
      let crossed = (word ^ (word >>> 1)) & cellsOf(width, w);
      while (crossed !== 0) {
        const k = 31 - Math.clz32(crossed & -crossed);
        crossed &= crossed - 1;
        cache[alongX + at + k] = vertex;
        place(vertex++, x0 + k, y, z + 1, 0);
      }
    }
    if (y + 1 < height) {
      for (let w = 0, x0 = 0, at = y * width; w < words; w++, x0 += CELLS, at += CELLS) {
        let crossed = (bits[upper + w]! ^ bits[upper + words + w]!) & 0x7fffffff;
        while (crossed !== 0) {
          const k = 31 - Math.clz32(crossed & -crossed);
          crossed &= crossed - 1;
          cache[alongX + slice + at + k] = vertex;
          place(vertex++, x0 + k, y, z + 1, 1);
        }
      }
    }
    if (z < 0) return;
    for (let w = 0, x0 = 0, at = y * width; w < words; w++, x0 += CELLS, at += CELLS) {
      let crossed = (bits[upper + w]! ^ bits[lower + w]!) & 0x7fffffff;
      while (crossed !== 0) {
        const k = 31 - Math.clz32(crossed & -crossed);
        crossed &= crossed - 1;
        cache[4 * slice + at + k] = vertex;
        place(vertex++, x0 + k, y, z, 2);
      }
    }
  };

  let used = 0;
  let cells = 0;
  let packed = 0;
  const addCells = (z: number, y: number): void => {
    const lower = (z % SLICES) * sliceWords + y * words;
    const upper = ((z + 1) % SLICES) * sliceWords + y * words;
    // A plain cell has five triangles at the most.
    if (used + 15 * width > indices.length) {
      const larger = new Uint32Array(2 * indices.length);
      larger.set(indices);
      indices = larger;
    }
    for (let w = 0; w < words; w++) {
      const a = bits[lower + w]!;
      const b = bits[lower + words + w]!;
      const c = bits[upper + w]!;
      const d = bits[upper + words + w]!;
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
        const cell = y * width + w * CELLS + k;
        if (isAmbiguous[inside] === 1) {
          ambiguous[cells++] = z * slice + cell;
          for (let edge = 0; edge < 12; edge++) ambiguous[cells++] = cache[cell + edges[edge]!]!;
          continue;
        }
        const row = firstRow[inside]!;
        const end = starts[row + 1]!;
        for (let i = starts[row]!; i < end; i++) indices[used++] = cache[cell + edges[codes[i]!]!]!;
      }
    }
  };

  return {
    name: "typescript",
    march: (z) => {
      cells = 0;
      for (; packed < Math.min(depth, z + 3); packed++) {
        packInside(bits, (packed % SLICES) * sliceWords, grid, isovalue, packed, words);
      }
      placeEdges(edges, z, width, slice);
      for (let y = 0; y < height; y++) {
        addRow(z, y);
        if (z >= 0 && y > 0) addCells(z, y - 1);
      }
      return { ambiguous: ambiguous.subarray(0, cells), broken: place.broken() };
    },
    finish: (moreVertices, moreIndices) => {
      const extend = (list: Float32Array): Float32Array => {
        const exact = new Float32Array(3 * (vertex + moreVertices));
        exact.set(list.subarray(0, 3 * vertex));
        return exact;
      };
      const all = new Uint32Array(used + moreIndices);
      all.set(indices.subarray(0, used));
      return {
        positions: extend(positions),
        normals: withNormals ? extend(normals) : normals,
        indices: all,
        used: [3 * vertex, used],
      };
    },
  };
}

/** Inside, bit per sample of a slice: bit k of word [y][w] is sample x = 31w + k. */
function packInside(
  bits: Uint32Array,
  at: number,
  { data, dims }: VoxelGrid,
  isovalue: number,
  z: number,
  words: number,
): void {
  const [width, height] = dims;
  for (let y = 0; y < height; y++) {
    const row = (z * height + y) * width;
    for (let w = 0; w < words; w++) {
      const start = row + w * CELLS;
      const end = Math.min(start + CELLS + 1, row + width);
      let word = 0;
      let i = start;
      let bit = 0;
      // Four at a time: they are mostly alike, and one branch tells.
      for (; i + 3 < end; i += 4, bit += 4) {
        const b = data[i + 1]! > isovalue;
        const c = data[i + 2]! > isovalue;
        const d = data[i + 3]! > isovalue;
        if (data[i]! > isovalue) {
          if (b && c && d) word |= 15 << bit;
          else word |= (1 | (b ? 2 : 0) | (c ? 4 : 0) | (d ? 8 : 0)) << bit;
        } else if (b || c || d) word |= ((b ? 2 : 0) | (c ? 4 : 0) | (d ? 8 : 0)) << bit;
      }
      for (; i < end; i++, bit++) if (data[i]! > isovalue) word |= 1 << bit;
      bits[at + y * words + w] = word;
    }
  }
}

/** The bits of word w that are the lower end of a cell. */
function cellsOf(width: number, w: number): number {
  const cells = width - 1 - w * CELLS;
  return cells >= CELLS ? 0x7fffffff : (1 << cells) - 1;
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

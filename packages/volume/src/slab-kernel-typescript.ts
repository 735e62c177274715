import { CELL_TABLE } from "./cell-table.ts";
import { createPlaceVertex } from "./create-place-vertex.ts";
import type { SlabKernel, VisitCell } from "./slab-kernel.ts";
import type { SliceWindow } from "./slice-window.ts";

/** Cells per word of bits: one bit more than that, so that a word holds both ends of its cells. */
const CELLS = 31;

/** The kernel that runs everywhere. Beside a bit per sample it keeps some numbers per row of a slice. */
export function createTypeScriptKernel(window: SliceWindow, isovalue: number): SlabKernel {
  const [width, height, depth] = window.dims;
  const slice = width * height;
  const words = Math.floor((width - 1) / CELLS) + 1;
  const sliceWords = words * height;
  const { firstRow, isAmbiguous, crossed, starts, codes } = CELL_TABLE;
  // 1. Which samples are inside; the rows between which a step, by z + 1, has anything to do.
  const bits = new Uint32Array(sliceWords * depth);
  const firstRows = new Int32Array(depth).fill(height);
  const endRows = new Int32Array(depth);
  // 2. Vertices are numbered along rows, so each row's first ones are enough: of the edges along x and y
  //    in either slice (they take turns), and of those between them.
  const firstX = new Int32Array(2 * height);
  const firstY = new Int32Array(2 * height);
  const firstZ = new Int32Array(height);
  const edges = new Int32Array(12);
  let vertex = 0;
  let used = 0;
  const sum = new Float64Array(1);
  let place = createPlaceVertex(window, isovalue, new Float32Array(0), new Float32Array(0));

  /** Whether there is anything in the row, or in the cells behind it. */
  const countRow = (z: number, y: number, visit: VisitCell): boolean => {
    const upper = (z + 1) * sliceWords + y * words;
    // Without a slice below, or a row behind, the own one: no edge between them is crossed.
    const lower = z < 0 ? upper : upper - sliceWords;
    const next = y + 1 < height ? words : 0;
    const hasCells = z >= 0 && next > 0;
    let isTouched = false;
    for (let w = 0; w < words; w++) {
      const a = bits[lower + w]!;
      const b = bits[lower + next + w]!;
      const c = bits[upper + w]!;
      const d = bits[upper + next + w]!;
      const any = a | b | c | d;
      const all = a & b & c & d;
      if (any === 0 || all === -1) continue;
      isTouched = true;
      const cells = cellsOf(width, w);
      vertex += countBits((c ^ (c >>> 1)) & cells);
      vertex += countBits((c ^ d) & 0x7fffffff) + countBits((c ^ a) & 0x7fffffff);
      if (!hasCells) continue;
      let active = (any | (any >>> 1)) & ~(all & (all >>> 1)) & cells;
      while (active !== 0) {
        const k = 31 - Math.clz32(active & -active);
        active &= active - 1;
        const inside = insideOf(a, b, c, d, k);
        if (isAmbiguous[inside] === 1) visit(z * slice + y * width + w * CELLS + k, edges);
        else used += starts[firstRow[inside]! + 1]! - starts[firstRow[inside]!]!;
      }
    }
    return isTouched;
  };

  const addRow = (z: number, y: number): void => {
    const upper = (z + 1) * sliceWords + y * words;
    const row = ((z + 1) & 1) * height + y;
    firstX[row] = vertex;
    for (let w = 0, x0 = 0; w < words; w++, x0 += CELLS) {
      const word = bits[upper + w]!;
      let ends = (word ^ (word >>> 1)) & cellsOf(width, w);
      while (ends !== 0) {
        const k = 31 - Math.clz32(ends & -ends);
        ends &= ends - 1;
        place(vertex++, x0 + k, y, z + 1, 0);
      }
    }
    firstY[row] = vertex;
    if (y + 1 < height) {
      for (let w = 0, x0 = 0; w < words; w++, x0 += CELLS) {
        let ends = (bits[upper + w]! ^ bits[upper + words + w]!) & 0x7fffffff;
        while (ends !== 0) {
          const k = 31 - Math.clz32(ends & -ends);
          ends &= ends - 1;
          place(vertex++, x0 + k, y, z + 1, 1);
        }
      }
    }
    firstZ[y] = vertex;
    if (z < 0) return;
    for (let w = 0, x0 = 0; w < words; w++, x0 += CELLS) {
      let ends = (bits[upper + w]! ^ bits[upper - sliceWords + w]!) & 0x7fffffff;
      while (ends !== 0) {
        const k = 31 - Math.clz32(ends & -ends);
        ends &= ends - 1;
        place(vertex++, x0 + k, y, z, 2);
      }
    }
  };

  const addCells = (z: number, y: number, indices: Uint32Array, visit: VisitCell): void => {
    const lower = z * sliceWords + y * words;
    const upper = lower + sliceWords;
    const below = (z & 1) * height + y;
    const above = height - (z & 1) * height + y;
    // Vertices of the next crossed edges of either kind.
    let x0 = firstX[below]!;
    let x1 = firstX[below + 1]!;
    let x2 = firstX[above]!;
    let x3 = firstX[above + 1]!;
    let y0 = firstY[below]!;
    let y1 = firstY[above]!;
    let z0 = firstZ[y]!;
    let z1 = firstZ[y + 1]!;
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
        const inside = insideOf(a, b, c, d, k);
        const ends = crossed[inside]!;
        edges[0] = x0;
        edges[1] = x1;
        edges[2] = x2;
        edges[3] = x3;
        x0 += ends & 1;
        x1 += (ends >> 1) & 1;
        x2 += (ends >> 2) & 1;
        x3 += (ends >> 3) & 1;
        edges[4] = y0;
        edges[6] = y1;
        y0 += (ends >> 4) & 1;
        y1 += (ends >> 6) & 1;
        edges[5] = y0;
        edges[7] = y1;
        edges[8] = z0;
        edges[10] = z1;
        z0 += (ends >> 8) & 1;
        z1 += (ends >> 10) & 1;
        edges[9] = z0;
        edges[11] = z1;
        if (isAmbiguous[inside] === 1) {
          visit(z * slice + y * width + w * CELLS + k, edges);
          continue;
        }
        const row = firstRow[inside]!;
        const end = starts[row + 1]!;
        for (let i = starts[row]!; i < end; i++) indices[used++] = edges[codes[i]!]!;
      }
    }
  };

  return {
    name: "typescript",
    count: (z, visit) => {
      packInside(bits, (z + 1) * sliceWords, window, isovalue, z + 1, words);
      for (let y = 0; y < height; y++) {
        if (!countRow(z, y, visit)) continue;
        firstRows[z + 1] = Math.min(firstRows[z + 1]!, y);
        endRows[z + 1] = Math.min(y + 2, height);
      }
    },
    counted: () => ({ vertices: vertex, indices: used }),
    fill: (z, out, visit) => {
      if (z < 0) {
        vertex = 0;
        used = 0;
        place = createPlaceVertex(window, isovalue, out.positions, out.normals);
      }
      const first = firstRows[z + 1]!;
      const end = endRows[z + 1]!;
      if (first >= end) return;
      window.load(z - 1, z + 2);
      if (z + 2 < depth) sum[0] = sumOfLines(window, z + 2, first, end);
      for (let y = first; y < end; y++) {
        addRow(z, y);
        if (z >= 0 && y > first) addCells(z, y - 1, out.indices, visit);
      }
    },
    broken: () => place.broken(),
  };
}

/**
 * Reads a number of each of the processor's cache lines, in order: vertices are then placed from samples
 * at hand, which takes half as long. The sum is no one's, but without it nothing would be read.
 */
function sumOfLines(
  { samples, mask, dims: [width, height] }: SliceWindow,
  z: number,
  firstRow: number,
  endRow: number,
): number {
  const slot = (z & mask) * width * height;
  const step = 64 / samples.BYTES_PER_ELEMENT;
  const end = slot + endRow * width;
  let sum = 0;
  for (let i = slot + firstRow * width; i < end; i += step) sum += samples[i]!;
  return sum;
}

/** Inside, bit per sample of a slice: bit k of word [y][w] is sample x = 31w + k. */
function packInside(
  bits: Uint32Array,
  at: number,
  { samples, mask, dims }: SliceWindow,
  isovalue: number,
  z: number,
  words: number,
): void {
  const [width, height] = dims;
  for (let y = 0; y < height; y++) {
    const row = ((z & mask) * height + y) * width;
    for (let w = 0; w < words; w++) {
      const start = row + w * CELLS;
      const end = Math.min(start + CELLS + 1, row + width);
      let word = 0;
      let i = start;
      let bit = 0;
      // Four at a time: they are mostly alike, and one branch tells.
      for (; i + 3 < end; i += 4, bit += 4) {
        const b = samples[i + 1]! > isovalue;
        const c = samples[i + 2]! > isovalue;
        const d = samples[i + 3]! > isovalue;
        if (samples[i]! > isovalue) {
          if (b && c && d) word |= 15 << bit;
          else word |= (1 | (b ? 2 : 0) | (c ? 4 : 0) | (d ? 8 : 0)) << bit;
        } else if (b || c || d) word |= ((b ? 2 : 0) | (c ? 4 : 0) | (d ? 8 : 0)) << bit;
      }
      for (; i < end; i++, bit++) if (samples[i]! > isovalue) word |= 1 << bit;
      bits[at + y * words + w] = word;
    }
  }
}

/** The pattern of the cell at bit k: its corners' bits. */
function insideOf(a: number, b: number, c: number, d: number, k: number): number {
  return ((a >>> k) & 3) | (((b >>> k) & 3) << 2) | (((c >>> k) & 3) << 4) | (((d >>> k) & 3) << 6);
}

/** The bits of word w that are the lower end of a cell. */
function cellsOf(width: number, w: number): number {
  const cells = width - 1 - w * CELLS;
  return cells >= CELLS ? 0x7fffffff : (1 << cells) - 1;
}

function countBits(word: number): number {
  if (word === 0) return 0;
  const pairs = word - ((word >>> 1) & 0x55555555);
  const fours = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

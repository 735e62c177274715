import {
  compileKernel,
  instantiateKernel,
  type KernelModule,
  WASM_PAGE,
} from "@headform/core-math";
import { CELL_TABLE } from "./cell-table.ts";
import type { KernelOnWindow, VisitCell } from "./slab-kernel.ts";
import { SLAB_WASM } from "./slab-wasm-binary.ts";
import { createSliceWindow, ringBytes } from "./slice-window.ts";
import type { VoxelGrid } from "./voxel-grid.ts";

interface Exports {
  configure(at: number): void;
  packFloats(z: number): void;
  packBytes(z: number): void;
  rewind(): void;
  count(z: number, y: number): number;
  fillFloats(z: number, y: number, firstRow: number, end: number): number;
  fillBytes(z: number, y: number, firstRow: number, end: number): number;
}

/** Compiled once; what a call changes is in its instance. */
const MODULE: KernelModule | undefined = /* @__PURE__ */ compileKernel(SLAB_WASM);

/** Numbers of an ambiguous cell: index of its lowest sample, vertices of its edges. */
const RECORD = 13;
/** Bytes per sample of a row in which every edge is crossed: three vertices, five triangles, a record. */
const ROOM = { positions: 36, normals: 36, indices: 60, records: 4 * RECORD };

/**
 * The kernel in WebAssembly with SIMD; source in the package's folder `kernel`. Samples pass through a
 * ring of four slices in its own memory, results of a few rows at a time come back. `undefined` where the
 * platform cannot run it.
 */
export function createWasmKernel(
  grid: VoxelGrid,
  isovalue: number,
  withNormals: boolean,
  closed: boolean,
): KernelOnWindow | undefined {
  const { bytes, at, rows, words } = layOut(grid, withNormals, closed);
  const wasm = instantiateKernel<Exports>(MODULE, bytes);
  if (!wasm) return undefined;
  const { buffer, exports } = wasm;
  const window = createSliceWindow(grid, isovalue, closed, { buffer, at: at.samples });
  const [width, height, depth] = window.dims;
  const { samples } = window;
  const isByte = samples.BYTES_PER_ELEMENT === 1;

  // 1. Settings and tables.
  new Int32Array(buffer, at.settings, 23).set([
    ...[width, height, depth, words],
    ...[samples.BYTES_PER_ELEMENT * width, samples.BYTES_PER_ELEMENT * width * height],
    ...[at.samples, at.bits, at.edges, at.results, at.firstX, at.firstY, at.firstZ],
    ...[at.positions, at.normals, at.indices, at.records, at.patterns, at.starts, at.codes],
    ...[rows, withNormals ? 1 : 0],
    // A byte is above a number when it is above the whole number below; above none if all are.
    isovalue >= 0 && isovalue < 255 ? Math.floor(isovalue) : 255,
  ]);
  new Float64Array(buffer, at.settings + 96, 8).set([
    ...[isovalue, floatBelow(isovalue), ...window.spacing, ...window.origin],
  ]);
  const { patterns, starts, codes } = PLAIN_TABLE;
  new Uint16Array(buffer, at.patterns, patterns.length).set(patterns);
  new Uint16Array(buffer, at.starts, starts.length).set(starts);
  new Uint8Array(buffer, at.codes, codes.length).set(codes);
  exports.configure(at.settings);

  // 2. Views on what it leaves.
  const results = new Int32Array(buffer, at.results, 8);
  const room = rows * width;
  const positions = new Float32Array(buffer, at.positions, 9 * room);
  const normals = new Float32Array(buffer, at.normals, withNormals ? 9 * room : 0);
  const indices = new Uint32Array(buffer, at.indices, 15 * room);
  const records = new Int32Array(buffer, at.records, RECORD * room);
  const visitAll = (visit: VisitCell): void => {
    for (let i = 0; i < results[2]!; i += RECORD) {
      visit(records[i]!, records.subarray(i + 1, i + RECORD));
    }
  };

  // 3. Which samples are inside; the rows between which a step, by z + 1, has anything to do.
  const sliceWords = words * height;
  const bits = new Uint32Array(sliceWords * depth);
  const slots = [0, 1].map(
    (slot) => new Uint32Array(buffer, at.bits + 4 * slot * sliceWords, sliceWords),
  );
  const firstRows = new Int32Array(depth);
  const endRows = new Int32Array(depth);
  let inSlots = -1;
  let vertices = 0;
  let used = 0;
  const pack = isByte ? exports.packBytes : exports.packFloats;
  const fill = isByte ? exports.fillBytes : exports.fillFloats;
  return {
    window,
    slabs: {
      name: "wasm",
      count: (z, visit) => {
        pack(z + 1);
        bits.set(slots[(z + 1) & 1]!, (z + 1) * sliceWords);
        for (let y = 0; y < height; ) {
          y = exports.count(z, y);
          visitAll(visit);
        }
        firstRows[z + 1] = results[5]!;
        endRows[z + 1] = results[6]!;
      },
      counted: () => ({ vertices: results[3]!, indices: results[4]! }),
      fill: (z, out, visit) => {
        if (z < 0) exports.rewind();
        const first = firstRows[z + 1]!;
        const end = endRows[z + 1]!;
        if (first >= end) return;
        window.load(z - 1, z + 2);
        for (const each of [z, z + 1]) {
          if (each <= inSlots) continue;
          const from = each * sliceWords;
          slots[each & 1]!.set(bits.subarray(from, from + sliceWords));
          inSlots = each;
        }
        for (let y = first; y < end; ) {
          y = fill(z, y, first, end);
          const count = 3 * results[0]!;
          out.positions.set(positions.subarray(0, count), vertices);
          if (withNormals) out.normals.set(normals.subarray(0, count), vertices);
          out.indices.set(indices.subarray(0, results[1]!), used);
          vertices += count;
          used += results[1]!;
          visitAll(visit);
        }
      },
      broken: () => results[7]!,
    },
  };
}

/** Whether the kernel's memory stays within a byte per cell of the grid. */
export function fitsWasmKernel(grid: VoxelGrid, withNormals: boolean, closed: boolean): boolean {
  const { bytes, words } = layOut(grid, withNormals, closed);
  const more = closed ? 2 : 0;
  const [width, height, depth] = grid.dims.map((size) => size + more) as [number, number, number];
  const cells = (width - 1) * (height - 1) * (depth - 1);
  return bytes + 4 * (words * height + 2) * depth <= cells;
}

interface Layout {
  /** Of all memory, in whole pages. */
  readonly bytes: number;
  /** Where each part begins: multiples of 16. */
  readonly at: Readonly<Record<Part, number>>;
  /** What the results have room for. */
  readonly rows: number;
  /** Words of bits per row. */
  readonly words: number;
}

type Part =
  | ("settings" | "results" | "edges" | "patterns" | "starts" | "codes" | "samples" | "bits")
  | ("firstX" | "firstY" | "firstZ" | keyof typeof ROOM);

function layOut(grid: VoxelGrid, withNormals: boolean, closed: boolean): Layout {
  const more = closed ? 2 : 0;
  const [width, height] = grid.dims.map((size) => size + more) as [number, number, number];
  const words = Math.ceil(width / 32);
  const fixed: [Part, number][] = [
    ["settings", 160],
    ["results", 32],
    ["edges", 48],
    ["patterns", PLAIN_TABLE.patterns.byteLength],
    ["starts", PLAIN_TABLE.starts.byteLength],
    ["codes", PLAIN_TABLE.codes.byteLength],
    ["samples", ringBytes(grid, closed)],
    // Bits are read a word ahead.
    ["bits", 8 * words * height + 4],
    ["firstX", 8 * height],
    ["firstY", 8 * height],
    ["firstZ", 4 * height],
  ];
  const room = Object.entries({ ...ROOM, normals: withNormals ? ROOM.normals : 0 });
  const rowBytes = width * room.reduce((sum, [, each]) => sum + each, 0);
  const aligned = (bytes: number): number => Math.ceil(bytes / 16) * 16;
  const start = fixed.reduce((sum, [, size]) => sum + aligned(size), 0);
  // Two rows at the least; then as many as the last page has room for.
  const bytes = Math.ceil((start + 2 * rowBytes + 64) / WASM_PAGE) * WASM_PAGE;
  const rows = Math.floor((bytes - start - 64) / rowBytes);
  const at: Partial<Record<Part, number>> = {};
  let end = 0;
  for (const [part, size] of [
    ...fixed,
    ...room.map(([part, each]) => [part, each * width * rows] as [Part, number]),
  ]) {
    at[part] = end;
    end += aligned(size);
  }
  return { bytes, at: at as Record<Part, number>, rows, words };
}

/** What the kernel wants of the cells' table: patterns without a choice. */
const PLAIN_TABLE: {
  /** [256] bits of the crossed edges; bit 15 where there is a choice. */
  readonly patterns: Uint16Array;
  /** [257] where each pattern's triangles begin in `codes`. */
  readonly starts: Uint16Array;
  /** Edges, times the four bytes of a vertex's number. */
  readonly codes: Uint8Array;
} = /* @__PURE__ */ createPlainTable();

function createPlainTable(): typeof PLAIN_TABLE {
  const { firstRow, isAmbiguous, crossed, starts, codes } = CELL_TABLE;
  const plain: number[] = [];
  const begins = [0];
  for (let inside = 0; inside < 256; inside++) {
    const row = firstRow[inside]!;
    if (isAmbiguous[inside] === 0) {
      for (const code of codes.subarray(starts[row], starts[row + 1])) plain.push(4 * code);
    }
    begins.push(plain.length);
  }
  return {
    patterns: crossed.map((edges, inside) => edges | (isAmbiguous[inside]! << 15)),
    starts: Uint16Array.from(begins),
    codes: Uint8Array.from(plain),
  };
}

/** The greatest number of single precision that is not above a value: samples compare alike. */
function floatBelow(value: number): number {
  const bits = new Int32Array(1);
  const float = new Float32Array(bits.buffer);
  float[0] = value;
  if (float[0] > value) bits[0]! += float[0] > 0 ? -1 : 1;
  // Just below 0 there is the least negative number.
  return float[0] > value ? -1.401298464324817e-45 : float[0];
}

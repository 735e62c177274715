import { CELL_TABLE } from "./cell-table.ts";
import { RECORD, type SlabKernel } from "./slab-kernel.ts";
import { SLAB_WASM } from "./slab-wasm-binary.ts";
import type { VoxelGrid } from "./voxel-grid.ts";

/** What is used of the platform: browsers, workers and Node have both. */
interface Platform {
  readonly atob?: (text: string) => string;
  readonly WebAssembly?: {
    validate(bytes: Uint8Array): boolean;
    readonly Memory: new (options: { initial: number }) => { readonly buffer: ArrayBuffer };
    readonly Module: new (bytes: Uint8Array) => object;
    readonly Instance: new (module: object, imports: object) => { readonly exports: object };
  };
}

interface Exports {
  configure(at: number): void;
  marchFloats(z: number, firstVertex: number): void;
  marchBytes(z: number, firstVertex: number): void;
  vertexCount(): number;
  indexCount(): number;
  ambiguousCount(): number;
  brokenSample(): number;
}

const PAGE = 65536;
/** Slices that a step reads: two for its edges, one more on either side for their gradients. */
const SLICES = 4;

/** Compiled once; what a call changes is in its instance. */
const MODULE: object | undefined = /* @__PURE__ */ compile();

function compile(): object | undefined {
  const { atob, WebAssembly } = globalThis as Platform;
  if (!atob || !WebAssembly) return undefined;
  const bytes = Uint8Array.from(atob(SLAB_WASM), (character) => character.charCodeAt(0));
  return WebAssembly.validate(bytes) ? new WebAssembly.Module(bytes) : undefined;
}

/**
 * The kernel in WebAssembly with SIMD; source and build are in the package's folder `kernel`. Samples
 * pass through a ring of four slices in its own memory. `undefined` where the platform cannot run it,
 * or has no room for a slab in which every edge is crossed.
 */
export function createWasmKernel(
  { data, dims, spacing, origin }: VoxelGrid,
  isovalue: number,
  withNormals: boolean,
): SlabKernel | undefined {
  const { WebAssembly } = globalThis as Platform;
  if (!MODULE || !WebAssembly) return undefined;
  const [width, height, depth] = dims;
  const slice = width * height;
  // Bits are read a word ahead.
  const words = Math.ceil(width / 32) + 1;
  const sliceBytes = data.BYTES_PER_ELEMENT * slice;
  const { firstRow, isAmbiguous, starts, codes } = CELL_TABLE;

  // 1. Lay out the memory; every part starts at a multiple of 16 bytes.
  let end = 0;
  const take = (bytes: number): number => {
    const start = end;
    end += Math.ceil(bytes / 16) * 16;
    return start;
  };
  const settingsAt = take(144);
  const slotBytes = Math.ceil(sliceBytes / 16) * 16;
  const samplesAt = take(SLICES * slotBytes);
  const bitsAt = take(8 * words * height);
  const cacheAt = take(20 * slice);
  const tablesAt = [firstRow, isAmbiguous, starts, codes].map((table) => take(table.byteLength));
  const edgesAt = take(48);
  const positionsAt = take(36 * slice);
  const normalsAt = take(withNormals ? 36 * slice : 0);
  const indicesAt = take(60 * slice);
  const ambiguousAt = take(4 * RECORD * slice);
  const memory = createMemory(WebAssembly, end);
  if (!memory) return undefined;

  // 2. Fill it.
  const { buffer } = memory;
  const isByte = data.BYTES_PER_ELEMENT === 1;
  new Int32Array(buffer, settingsAt, 20).set([
    ...[width, height, depth, words, data.BYTES_PER_ELEMENT * width, slotBytes],
    ...[samplesAt, bitsAt, cacheAt, positionsAt, normalsAt, indicesAt, ambiguousAt],
    ...[...tablesAt, edgesAt, withNormals ? 1 : 0],
    // A byte is above a number when it is above the whole number below; above none if all are.
    isovalue >= 0 && isovalue < 255 ? Math.floor(isovalue) : 255,
  ]);
  new Float64Array(buffer, settingsAt + 80, 8).set([
    ...[isovalue, floatBelow(isovalue), ...spacing, ...origin],
  ]);
  [firstRow, isAmbiguous, starts, codes].forEach((table, i) => {
    const bytes = new Uint8Array(table.buffer, table.byteOffset, table.byteLength);
    new Uint8Array(buffer, tablesAt[i]).set(bytes);
  });
  const exports = new WebAssembly.Instance(MODULE, { env: { memory } }).exports as Exports;
  exports.configure(settingsAt);
  const march = isByte ? exports.marchBytes : exports.marchFloats;

  // 3. Slices are brought in ahead of the step that reads them.
  const ring = isByte
    ? new Uint8Array(buffer, samplesAt, SLICES * slotBytes)
    : new Float32Array(buffer, samplesAt, (SLICES * slotBytes) / 4);
  const slot = slotBytes / data.BYTES_PER_ELEMENT;
  let loaded = 0;
  let vertices = 0;
  const { vertexCount, indexCount, ambiguousCount, brokenSample } = exports;
  const positions: Float32Array[] = [];
  const normals: Float32Array[] = [];
  const indices: Uint32Array[] = [];
  return {
    name: "wasm",
    march: (z) => {
      for (; loaded < Math.min(depth, z + 3); loaded++) {
        const from = loaded * slice;
        ring.set(data.subarray(from, from + slice), (loaded % SLICES) * slot);
      }
      march(z, vertices);
      const count = vertexCount();
      vertices += count;
      if (count > 0) {
        positions.push(new Float32Array(buffer, positionsAt, 3 * count).slice());
        if (withNormals) normals.push(new Float32Array(buffer, normalsAt, 3 * count).slice());
        indices.push(new Uint32Array(buffer, indicesAt, indexCount()).slice());
      }
      return {
        ambiguous: new Int32Array(buffer, ambiguousAt, ambiguousCount()),
        broken: brokenSample(),
      };
    },
    finish: (moreVertices, moreIndices) => {
      const used = indices.reduce((sum, part) => sum + part.length, 0);
      const size = 3 * (vertices + moreVertices);
      return {
        positions: join(new Float32Array(size), positions),
        normals: join(new Float32Array(withNormals ? size : 0), normals),
        indices: join(new Uint32Array(used + moreIndices), indices),
        used: [3 * vertices, used],
      };
    },
  };
}

function join<T extends Float32Array | Uint32Array>(out: T, parts: T[]): T {
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  // None may outlive its copy.
  parts.length = 0;
  return out;
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

function createMemory(
  { Memory }: NonNullable<Platform["WebAssembly"]>,
  bytes: number,
): { readonly buffer: ArrayBuffer } | undefined {
  try {
    return new Memory({ initial: Math.ceil(bytes / PAGE) });
  } catch {
    return undefined;
  }
}

// @ts-nocheck — AssemblyScript, compiled by scripts/build-kernel.mjs into ../src/slab-wasm-binary.ts.
//
// The same steps and the same arithmetic as ../src/slab-kernel-typescript.ts, so that both give the
// same bits; what differs is that samples pass through a ring of four slices, that sixteen of them at a
// time are compared with the isovalue, and that what a few rows give is put aside for the caller to take.

// Set by `configure`: sizes in samples, addresses in bytes.
let width: i32, height: i32, depth: i32;
let words: i32; // 32-bit words per row of bits; one past the last is read, and masked
let rowBytes: usize, sliceBytes: usize; // of samples
let samples: usize, bits: usize, edges: usize, results: usize;
let firstX: usize, firstY: usize, firstZ: usize;
let positions: usize, normals: usize, indices: usize, records: usize;
let patterns: usize, starts: usize, codes: usize;
let rows: i32; // that there is room for, however many edges are crossed
let isovalue: f64, threshold: f32, byteThreshold: i32;
let stepX: f64, stepY: f64, stepZ: f64, originX: f64, originY: f64, originZ: f64;
let perX: f64, perY: f64, perZ: f64;
let withNormals: bool;

let vertex: i32, first: i32, indexCount: i32;
let used: usize, recordsEnd: usize;
let touched: i32, touchedEnd: i32;
let broken: i32;

/** Reads what `slab-kernel-wasm.ts` has laid out at `at`: 23 words, then from byte 96 on 8 doubles. */
export function configure(at: usize): void {
  width = load<i32>(at);
  height = load<i32>(at, 4);
  depth = load<i32>(at, 8);
  words = load<i32>(at, 12);
  rowBytes = load<u32>(at, 16);
  sliceBytes = load<u32>(at, 20);
  samples = load<u32>(at, 24);
  bits = load<u32>(at, 28);
  edges = load<u32>(at, 32);
  results = load<u32>(at, 36);
  firstX = load<u32>(at, 40);
  firstY = load<u32>(at, 44);
  firstZ = load<u32>(at, 48);
  positions = load<u32>(at, 52);
  normals = load<u32>(at, 56);
  indices = load<u32>(at, 60);
  records = load<u32>(at, 64);
  patterns = load<u32>(at, 68);
  starts = load<u32>(at, 72);
  codes = load<u32>(at, 76);
  rows = load<i32>(at, 80);
  withNormals = load<i32>(at, 84) !== 0;
  byteThreshold = load<i32>(at, 88);
  isovalue = load<f64>(at, 96);
  threshold = <f32>load<f64>(at, 104);
  stepX = load<f64>(at, 112);
  stepY = load<f64>(at, 120);
  stepZ = load<f64>(at, 128);
  originX = load<f64>(at, 136);
  originY = load<f64>(at, 144);
  originZ = load<f64>(at, 152);
  perX = 1 / stepX;
  perY = 1 / stepY;
  perZ = 1 / stepZ;
  broken = -1;
}

/** Begins anew to number vertices. */
export function rewind(): void {
  vertex = 0;
  indexCount = 0;
}

function begin(): void {
  first = vertex;
  used = indices;
  recordsEnd = records;
}

/** Leaves eight words: what is put aside, what was counted, rows that have anything, a bad sample. */
function report(): void {
  store<i32>(results, vertex - first);
  store<i32>(results, <i32>((used - indices) >> 2), 4);
  store<i32>(results, <i32>((recordsEnd - records) >> 2), 8);
  store<i32>(results, vertex, 12);
  store<i32>(results, indexCount, 16);
  store<i32>(results, touched, 20);
  store<i32>(results, touchedEnd, 24);
  store<i32>(results, broken, 28);
}

function bitsOf(z: i32): usize {
  return bits + <usize>((z & 1) * height * words * 4);
}

function slotOf(z: i32): usize {
  return samples + <usize>(z & 3) * sliceBytes;
}

function sample<T>(at: usize): f64 {
  return <f64>load<T>(at);
}

/** Counts from row y of the step on until there is no room for a row; gives the row to go on with. */
export function count(z: i32, y: i32): i32 {
  begin();
  if (y === 0) {
    touched = height;
    touchedEnd = 0;
  }
  const last = recordsEnd + <usize>(52 * (rows - 1) * width);
  for (; y < height && recordsEnd <= last; y++) {
    if (!countRow(z, y)) continue;
    if (touched > y) touched = y;
    touchedEnd = min(y + 2, height);
  }
  report();
  return y;
}

/** Whether there is anything in the row, or in the cells behind it. */
function countRow(z: i32, y: i32): bool {
  const row: usize = <usize>(y * words * 4);
  const upper = bitsOf(z + 1) + row;
  // Without a slice below, or a row behind, the own one: no edge between them is crossed.
  const lower = z < 0 ? upper : bitsOf(z) + row;
  const next: usize = y + 1 < height ? 4 * words : 0;
  const hasCells = z >= 0 && next > 0;
  let found = 0;
  for (let w: i32 = 0; w < words; w++) {
    const at: usize = 4 * w;
    const a = load<u32>(lower + at);
    const b = load<u32>(lower + next + at);
    const c = load<u32>(upper + at);
    const d = load<u32>(upper + next + at);
    const cells = cellsOf(w);
    const c1 = shifted(upper, w);
    found += <i32>(popcnt((c ^ c1) & cells) + popcnt(c ^ d) + popcnt(c ^ a));
    if (!hasCells) continue;
    const a1 = shifted(lower, w);
    const b1 = shifted(lower + next, w);
    const d1 = shifted(upper + next, w);
    const any = a | b | c | d | a1 | b1 | c1 | d1;
    const all = a & b & c & d & a1 & b1 & c1 & d1;
    let active: u32 = any & ~all & cells;
    if (active !== 0) found |= 1 << 30;
    while (active !== 0) {
      const k: u32 = ctz(active);
      active &= active - 1;
      const inside = insideOf(a, a1, b, b1, c, c1, d, d1, k);
      if (isAmbiguous(inside)) {
        store<i32>(recordsEnd, (z * height + y) * width + 32 * w + <i32>k);
        recordsEnd += 52;
      } else {
        const range = load<u32>(starts + 2 * inside);
        indexCount += <i32>((range >>> 16) - (range & 0xffff));
      }
    }
  }
  vertex += found & 0x3fffffff;
  return found !== 0;
}

export function fillFloats(z: i32, y: i32, firstRow: i32, end: i32): i32 {
  return fill<f32>(z, y, firstRow, end);
}
export function fillBytes(z: i32, y: i32, firstRow: i32, end: i32): i32 {
  return fill<u8>(z, y, firstRow, end);
}

/** Puts aside vertices of row y and triangles of the cells before it, and so on, as `count` does. */
function fill<T>(z: i32, y: i32, firstRow: i32, end: i32): i32 {
  begin();
  const lower = bitsOf(z);
  const upper = bitsOf(z + 1);
  const before = (rows - 1) * width;
  const lastVertex = vertex + 3 * before;
  const lastIndex = used + <usize>(60 * before);
  const lastRecord = recordsEnd + <usize>(52 * before);
  for (; y < end && vertex <= lastVertex && used <= lastIndex && recordsEnd <= lastRecord; y++) {
    const row: usize = <usize>(y * words * 4);
    addRow<T>(z, y, lower + row, upper + row);
    if (z >= 0 && y > firstRow)
      addCells(z, y - 1, lower + row - 4 * words, upper + row - 4 * words);
  }
  report();
  return y;
}

export function packFloats(z: i32): void {
  pack<f32>(z);
}
export function packBytes(z: i32): void {
  pack<u8>(z);
}

/** Inside, bit per sample: bit k of word [y][w] is sample x = 32w + k. */
function pack<T>(z: i32): void {
  const out = bitsOf(z);
  const from = slotOf(z);
  for (let y: i32 = 0; y < height; y++) {
    let at: usize = from + <usize>y * rowBytes;
    let to: usize = out + <usize>(y * words * 4);
    let x: i32 = 0;
    for (; x + 32 <= width; x += 32) {
      let word: u32;
      if (sizeof<T>() === 1) {
        const limit = i8x16.splat(<i8>byteThreshold);
        const a = i8x16.gt_u(v128.load(at), limit);
        const b = i8x16.gt_u(v128.load(at, 16), limit);
        word = <u32>i8x16.bitmask(a) | ((<u32>i8x16.bitmask(b)) << 16);
        at += 32;
      } else {
        const limit = f32x4.splat(threshold);
        // Four masks of lanes become one of bytes.
        const a = i16x8.narrow_i32x4_s(
          f32x4.gt(v128.load(at), limit),
          f32x4.gt(v128.load(at, 16), limit),
        );
        const b = i16x8.narrow_i32x4_s(
          f32x4.gt(v128.load(at, 32), limit),
          f32x4.gt(v128.load(at, 48), limit),
        );
        const c = i16x8.narrow_i32x4_s(
          f32x4.gt(v128.load(at, 64), limit),
          f32x4.gt(v128.load(at, 80), limit),
        );
        const d = i16x8.narrow_i32x4_s(
          f32x4.gt(v128.load(at, 96), limit),
          f32x4.gt(v128.load(at, 112), limit),
        );
        word =
          <u32>i8x16.bitmask(i8x16.narrow_i16x8_s(a, b)) |
          ((<u32>i8x16.bitmask(i8x16.narrow_i16x8_s(c, d))) << 16);
        at += 128;
      }
      store<u32>(to, word);
      to += 4;
    }
    let rest: u32 = 0;
    for (let bit: u32 = 1; x < width; x++, bit <<= 1) {
      if (sizeof<T>() === 1 ? <i32>load<u8>(at) > byteThreshold : load<f32>(at) > threshold) {
        rest |= bit;
      }
      at += sizeof<T>();
    }
    if ((width & 31) !== 0) store<u32>(to, rest);
  }
}

/** The word of the upper ends of the cells of word w. */
function shifted(row: usize, w: i32): u32 {
  return (load<u32>(row + 4 * w) >>> 1) | (load<u32>(row + 4 * w, 4) << 31);
}

/** The bits of word w that are the lower end of a cell. */
function cellsOf(w: i32): u32 {
  const cells = width - 1 - 32 * w;
  return cells >= 32 ? 0xffffffff : cells <= 0 ? 0 : (1 << cells) - 1;
}

/** The pattern of the cell at bit k: its corners' bits. */
function insideOf(a: u32, a1: u32, b: u32, b1: u32, c: u32, c1: u32, d: u32, d1: u32, k: u32): u32 {
  return (
    ((a >>> k) & 1) |
    (((a1 >>> k) & 1) << 1) |
    (((b >>> k) & 1) << 2) |
    (((b1 >>> k) & 1) << 3) |
    (((c >>> k) & 1) << 4) |
    (((c1 >>> k) & 1) << 5) |
    (((d >>> k) & 1) << 6) |
    (((d1 >>> k) & 1) << 7)
  );
}

/** Bits of the crossed edges; bit 15 where the pattern leaves a choice. */
function patternOf(inside: u32): u32 {
  return load<u16>(patterns + 2 * inside);
}

function isAmbiguous(inside: u32): bool {
  return patternOf(inside) >= 0x8000;
}

function addRow<T>(z: i32, y: i32, lower: usize, upper: usize): void {
  const row: usize = <usize>(4 * (((z + 1) & 1) * height + y));
  store<i32>(firstX + row, vertex);
  for (let w: i32 = 0; w < words; w++) {
    let ends: u32 = (load<u32>(upper + 4 * w) ^ shifted(upper, w)) & cellsOf(w);
    while (ends !== 0) {
      const x = 32 * w + <i32>ctz(ends);
      ends &= ends - 1;
      place<T>(x, y, z + 1, 0);
    }
  }
  store<i32>(firstY + row, vertex);
  if (y + 1 < height) {
    const next: usize = upper + 4 * words;
    for (let w: i32 = 0; w < words; w++) {
      let ends: u32 = load<u32>(upper + 4 * w) ^ load<u32>(next + 4 * w);
      while (ends !== 0) {
        const x = 32 * w + <i32>ctz(ends);
        ends &= ends - 1;
        place<T>(x, y, z + 1, 1);
      }
    }
  }
  store<i32>(firstZ + 4 * y, vertex);
  if (z < 0) return;
  for (let w: i32 = 0; w < words; w++) {
    let ends: u32 = load<u32>(upper + 4 * w) ^ load<u32>(lower + 4 * w);
    while (ends !== 0) {
      const x = 32 * w + <i32>ctz(ends);
      ends &= ends - 1;
      place<T>(x, y, z, 2);
    }
  }
}

/** Difference of both ends across the edge, at t between them. */
function across<T>(
  iBefore: usize,
  iBehind: usize,
  jBefore: usize,
  jBehind: usize,
  t: f64,
  perStep: f64,
): f64 {
  const low = sample<T>(iBehind) - sample<T>(iBefore);
  const high = sample<T>(jBehind) - sample<T>(jBefore);
  return (low + t * (high - low)) * perStep;
}

function place<T>(x: i32, y: i32, z: i32, axis: i32): void {
  const offset: usize = <usize>y * rowBytes + <usize>x * sizeof<T>();
  const slot = slotOf(z);
  const i: usize = slot + offset;
  const j: usize =
    axis === 0 ? i + sizeof<T>() : axis === 1 ? i + rowBytes : slotOf(z + 1) + offset;
  const a = sample<T>(i);
  const b = sample<T>(j);
  const t = (isovalue - a) / (b - a);
  if (!(b - a < Infinity && a - b < Infinity) && broken < 0) {
    const step = axis === 0 ? 1 : axis === 1 ? width : width * height;
    broken = (z * height + y) * width + x + (a - a === 0 ? step : 0);
  }
  const out: usize = 12 * <usize>(vertex - first);
  store<f32>(positions + out, <f32>(originX + stepX * (axis === 0 ? <f64>x + t : <f64>x)));
  store<f32>(positions + out, <f32>(originY + stepY * (axis === 1 ? <f64>y + t : <f64>y)), 4);
  store<f32>(positions + out, <f32>(originZ + stepZ * (axis === 2 ? <f64>z + t : <f64>z)), 8);
  vertex++;
  if (!withNormals) return;
  let nx: f64, ny: f64, nz: f64;
  if (axis === 0) nx = (b - a) * perX;
  else {
    const before: usize = x > 0 ? sizeof<T>() : 0;
    const behind: usize = x + 1 < width ? sizeof<T>() : 0;
    const per = before === behind ? 0.5 * perX : perX;
    nx = across<T>(i - before, i + behind, j - before, j + behind, t, per);
  }
  if (axis === 1) ny = (b - a) * perY;
  else {
    const before: usize = y > 0 ? rowBytes : 0;
    const behind: usize = y + 1 < height ? rowBytes : 0;
    const per = before === behind ? 0.5 * perY : perY;
    ny = across<T>(i - before, i + behind, j - before, j + behind, t, per);
  }
  if (axis === 2) nz = (b - a) * perZ;
  else {
    const before = z > 0 ? slotOf(z - 1) : slot;
    const behind = z + 1 < depth ? slotOf(z + 1) : slot;
    const per = (before === slot) === (behind === slot) ? 0.5 * perZ : perZ;
    // The rest of the way is the same in every slice.
    nz = across<T>(
      before + i - slot,
      behind + i - slot,
      before + j - slot,
      behind + j - slot,
      t,
      per,
    );
  }
  const scale = -1 / sqrt(nx * nx + ny * ny + nz * nz);
  store<f32>(normals + out, <f32>(nx * scale));
  store<f32>(normals + out, <f32>(ny * scale), 4);
  store<f32>(normals + out, <f32>(nz * scale), 8);
}

function addCells(z: i32, y: i32, lower: usize, upper: usize): void {
  const next: usize = 4 * words;
  const below: usize = <usize>(4 * ((z & 1) * height + y));
  const above: usize = <usize>(4 * (((z + 1) & 1) * height + y));
  // Vertices of the next crossed edges: along x by y and z, along y by x and z, along z by x and y.
  let alongX = i32x4.splat(load<i32>(firstX + below));
  alongX = i32x4.replace_lane(alongX, 1, load<i32>(firstX + below, 4));
  alongX = i32x4.replace_lane(alongX, 2, load<i32>(firstX + above));
  alongX = i32x4.replace_lane(alongX, 3, load<i32>(firstX + above, 4));
  let alongY = twice(load<i32>(firstY + below), load<i32>(firstY + above));
  let alongZ = twice(load<i32>(firstZ + 4 * y), load<i32>(firstZ + 4 * y, 4));
  const none = i32x4.splat(0);
  const right = i32x4(0, -1, 0, -1);
  for (let w: i32 = 0; w < words; w++) {
    const at: usize = 4 * w;
    const a = load<u32>(lower + at);
    const b = load<u32>(lower + next + at);
    const c = load<u32>(upper + at);
    const d = load<u32>(upper + next + at);
    const a1 = shifted(lower, w);
    const b1 = shifted(lower + next, w);
    const c1 = shifted(upper, w);
    const d1 = shifted(upper + next, w);
    const any = a | b | c | d | a1 | b1 | c1 | d1;
    const all = a & b & c & d & a1 & b1 & c1 & d1;
    let active: u32 = any & ~all & cellsOf(w);
    while (active !== 0) {
      const k: u32 = ctz(active);
      active &= active - 1;
      const inside = insideOf(a, a1, b, b1, c, c1, d, d1, k);
      const pattern = patternOf(inside);
      // Lanes of −1 where an edge is crossed; the right one of two follows the left one.
      const crossed = i32x4.splat(pattern);
      const ends = i32x4.ne(v128.and(crossed, i32x4(1, 2, 4, 8)), none);
      const leftY = i32x4.ne(v128.and(crossed, i32x4(16, 16, 64, 64)), none);
      const leftZ = i32x4.ne(v128.and(crossed, i32x4(256, 256, 1024, 1024)), none);
      v128.store(edges, alongX);
      v128.store(edges, i32x4.sub(alongY, v128.and(leftY, right)), 16);
      v128.store(edges, i32x4.sub(alongZ, v128.and(leftZ, right)), 32);
      alongX = i32x4.sub(alongX, ends);
      alongY = i32x4.sub(alongY, leftY);
      alongZ = i32x4.sub(alongZ, leftZ);
      if (pattern >= 0x8000) {
        store<i32>(recordsEnd, (z * height + y) * width + 32 * w + <i32>k);
        v128.store(recordsEnd, v128.load(edges), 4);
        v128.store(recordsEnd, v128.load(edges, 16), 20);
        v128.store(recordsEnd, v128.load(edges, 32), 36);
        recordsEnd += 52;
        continue;
      }
      const range = load<u32>(starts + 2 * inside);
      const end: usize = codes + (range >>> 16);
      for (let code: usize = codes + (range & 0xffff); code < end; code++) {
        store<i32>(used, load<i32>(edges + load<u8>(code)));
        used += 4;
      }
    }
  }
}

function twice(low: i32, high: i32): v128 {
  return i32x4.replace_lane(i32x4.replace_lane(i32x4.splat(low), 2, high), 3, high);
}

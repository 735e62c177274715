// @ts-nocheck — AssemblyScript, compiled by scripts/build-kernel.mjs into ../src/slab-wasm-binary.ts.
//
// The same steps and the same arithmetic as ../src/slab-kernel-typescript.ts, so that both give the
// same bits; what differs is that samples pass through a ring of four slices, and that sixteen of them
// at a time are compared with the isovalue.

// Set by `configure`: sizes in samples, addresses in bytes.
let width: i32, height: i32, depth: i32;
let words: i32; // 32-bit words per row of bits, one more than needed so that the next can be read
let rowBytes: usize, sliceBytes: usize; // of samples
let samples: usize, bits: usize, cache: usize;
let positions: usize, normals: usize, indices: usize, ambiguous: usize;
let firstRow: usize, isAmbiguous: usize, starts: usize, codes: usize, edges: usize;
let isovalue: f64, threshold: f32, byteThreshold: i32;
let stepX: f64, stepY: f64, stepZ: f64, originX: f64, originY: f64, originZ: f64;
let perX: f64, perY: f64, perZ: f64;
let withNormals: bool;

let vertex: i32, first: i32;
let used: usize, recordsEnd: usize;
let broken: i32;

/** Reads what `slab-kernel-wasm.ts` has laid out at `at`: 20 words, then 11 doubles. */
export function configure(at: usize): void {
  width = load<i32>(at);
  height = load<i32>(at, 4);
  depth = load<i32>(at, 8);
  words = load<i32>(at, 12);
  rowBytes = load<u32>(at, 16);
  sliceBytes = load<u32>(at, 20);
  samples = load<u32>(at, 24);
  bits = load<u32>(at, 28);
  cache = load<u32>(at, 32);
  positions = load<u32>(at, 36);
  normals = load<u32>(at, 40);
  indices = load<u32>(at, 44);
  ambiguous = load<u32>(at, 48);
  firstRow = load<u32>(at, 52);
  isAmbiguous = load<u32>(at, 56);
  starts = load<u32>(at, 60);
  codes = load<u32>(at, 64);
  edges = load<u32>(at, 68);
  withNormals = load<i32>(at, 72) !== 0;
  byteThreshold = load<i32>(at, 76);
  isovalue = load<f64>(at, 80);
  threshold = <f32>load<f64>(at, 88);
  stepX = load<f64>(at, 96);
  stepY = load<f64>(at, 104);
  stepZ = load<f64>(at, 112);
  originX = load<f64>(at, 120);
  originY = load<f64>(at, 128);
  originZ = load<f64>(at, 136);
  perX = 1 / stepX;
  perY = 1 / stepY;
  perZ = 1 / stepZ;
  broken = -1;
}

/** Results of the last call. */
export function vertexCount(): i32 {
  return vertex - first;
}
export function indexCount(): i32 {
  return <i32>((used - indices) >> 2);
}
export function ambiguousCount(): i32 {
  return <i32>((recordsEnd - ambiguous) >> 2);
}
export function brokenSample(): i32 {
  return broken;
}

export function marchFloats(z: i32, firstVertex: i32): void {
  march<f32>(z, firstVertex);
}
export function marchBytes(z: i32, firstVertex: i32): void {
  march<u8>(z, firstVertex);
}

function slotOf(z: i32): usize {
  return samples + <usize>(z & 3) * sliceBytes;
}

function sample<T>(at: usize): f64 {
  return <f64>load<T>(at);
}

function march<T>(z: i32, firstVertex: i32): void {
  first = firstVertex;
  vertex = firstVertex;
  used = indices;
  recordsEnd = ambiguous;
  pack<T>(z + 1);
  placeEdges(z);
  const lower: usize = bits + <usize>((z & 1) * height * words * 4);
  const upper: usize = bits + <usize>(((z + 1) & 1) * height * words * 4);
  for (let y: i32 = 0; y < height; y++) {
    const row: usize = <usize>(y * words * 4);
    addRow<T>(z, y, lower + row, upper + row);
    if (z >= 0 && y > 0) addCells(z, y - 1, lower + row - 4 * words, upper + row - 4 * words);
  }
}

/** Inside, bit per sample: bit k of word [y][w] is sample x = 32w + k. */
function pack<T>(z: i32): void {
  const out: usize = bits + <usize>((z & 1) * height * words * 4);
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
    store<u32>(to, rest);
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

function addRow<T>(z: i32, y: i32, lower: usize, upper: usize): void {
  const slice = width * height;
  const alongX: usize = cache + <usize>(((z + 1) & 1) * 8 * slice) + <usize>(4 * y * width);
  for (let w: i32 = 0; 32 * w < width; w++) {
    let crossed: u32 = (load<u32>(upper + 4 * w) ^ shifted(upper, w)) & cellsOf(w);
    while (crossed !== 0) {
      const x = 32 * w + <i32>ctz(crossed);
      crossed &= crossed - 1;
      store<i32>(alongX + 4 * x, vertex);
      place<T>(x, y, z + 1, 0);
    }
  }
  if (y + 1 < height) {
    const next: usize = upper + 4 * words;
    for (let w: i32 = 0; 32 * w < width; w++) {
      let crossed: u32 = load<u32>(upper + 4 * w) ^ load<u32>(next + 4 * w);
      while (crossed !== 0) {
        const x = 32 * w + <i32>ctz(crossed);
        crossed &= crossed - 1;
        store<i32>(alongX + 4 * slice + 4 * x, vertex);
        place<T>(x, y, z + 1, 1);
      }
    }
  }
  if (z < 0) return;
  const between: usize = cache + <usize>(16 * slice) + <usize>(4 * y * width);
  for (let w: i32 = 0; 32 * w < width; w++) {
    let crossed: u32 = load<u32>(upper + 4 * w) ^ load<u32>(lower + 4 * w);
    while (crossed !== 0) {
      const x = 32 * w + <i32>ctz(crossed);
      crossed &= crossed - 1;
      store<i32>(between + 4 * x, vertex);
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

/** Where each edge's vertex is in the cache, from the cell's own place: slices take turns. */
function placeEdges(z: i32): void {
  const slice = width * height;
  for (let i: i32 = 0; i < 4; i++) {
    const low = i & 1;
    const high = i >> 1;
    const half = ((z + high) & 1) * 2 * slice;
    store<i32>(edges + 4 * i, 4 * (half + low * width));
    store<i32>(edges + 4 * (4 + i), 4 * (half + slice + low));
    store<i32>(edges + 4 * (8 + i), 4 * (4 * slice + low + high * width));
  }
}

function addCells(z: i32, y: i32, lower: usize, upper: usize): void {
  const next: usize = 4 * words;
  for (let w: i32 = 0; 32 * w < width - 1; w++) {
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
      const inside: u32 =
        ((a >>> k) & 1) |
        (((a1 >>> k) & 1) << 1) |
        (((b >>> k) & 1) << 2) |
        (((b1 >>> k) & 1) << 3) |
        (((c >>> k) & 1) << 4) |
        (((c1 >>> k) & 1) << 5) |
        (((d >>> k) & 1) << 6) |
        (((d1 >>> k) & 1) << 7);
      const cell: i32 = y * width + 32 * w + <i32>k;
      const own: usize = cache + 4 * cell;
      if (load<u8>(isAmbiguous + inside) !== 0) {
        store<i32>(recordsEnd, z * width * height + cell);
        recordsEnd += 4;
        for (let edge: usize = 0; edge < 48; edge += 4) {
          store<i32>(recordsEnd, load<i32>(own + load<u32>(edges + edge)));
          recordsEnd += 4;
        }
        continue;
      }
      const row: usize = starts + 4 * <usize>load<u16>(firstRow + 2 * inside);
      const end: usize = codes + load<u32>(row, 4);
      for (let code: usize = codes + load<u32>(row); code < end; code++) {
        store<i32>(used, load<i32>(own + load<u32>(edges + 4 * load<u8>(code))));
        used += 4;
      }
    }
  }
}

// @ts-nocheck — AssemblyScript, compiled by scripts/build-kernel.mjs into ../src/skinning-wasm-binary.ts.
//
// Tried before: one mode at a time (half the speed, the target is loaded and stored for each mode)
// and all modes for 16 numbers at a time (a page jump per load). Eight modes over the whole row
// keeps eight forward streams, which prefetchers follow.

const LANE: usize = 16;

/**
 * target = source + Σ weights[k] · row(modes[k]), over `size` bytes, a multiple of 16.
 * `modes` holds byte addresses of rows; `count` is a multiple of 8.
 */
export function blend(
  target: usize,
  source: usize,
  size: usize,
  modes: usize,
  weights: usize,
  count: usize,
): void {
  if (count === 0) {
    memory.copy(target, source, size);
    return;
  }
  for (let k: usize = 0; k < count; k += 8) {
    const row: usize = modes + 4 * k;
    const a: usize = load<u32>(row);
    const b: usize = load<u32>(row, 4);
    const c: usize = load<u32>(row, 8);
    const d: usize = load<u32>(row, 12);
    const e: usize = load<u32>(row, 16);
    const f: usize = load<u32>(row, 20);
    const g: usize = load<u32>(row, 24);
    const h: usize = load<u32>(row, 28);
    const weight: usize = weights + 4 * k;
    const wa = v128.load32_splat(weight);
    const wb = v128.load32_splat(weight, 4);
    const wc = v128.load32_splat(weight, 8);
    const wd = v128.load32_splat(weight, 12);
    const we = v128.load32_splat(weight, 16);
    const wf = v128.load32_splat(weight, 20);
    const wg = v128.load32_splat(weight, 24);
    const wh = v128.load32_splat(weight, 28);
    const from: usize = k === 0 ? source : target;
    for (let i: usize = 0; i < size; i += LANE) {
      const ab = f32x4.add(f32x4.mul(wa, v128.load(a + i)), f32x4.mul(wb, v128.load(b + i)));
      const cd = f32x4.add(f32x4.mul(wc, v128.load(c + i)), f32x4.mul(wd, v128.load(d + i)));
      const ef = f32x4.add(f32x4.mul(we, v128.load(e + i)), f32x4.mul(wf, v128.load(f + i)));
      const gh = f32x4.add(f32x4.mul(wg, v128.load(g + i)), f32x4.mul(wh, v128.load(h + i)));
      const sum = f32x4.add(f32x4.add(ab, cd), f32x4.add(ef, gh));
      v128.store(target + i, f32x4.add(v128.load(from + i), sum));
    }
  }
}

/**
 * target[v] = Σ weights[v,j] · (transforms[j] · [source[v]; 1]). A transform is its four columns,
 * each padded to a lane. Each store spills one number into the next vertex, which then overwrites
 * it: `target` ends with one number to spare.
 */
export function skin(
  target: usize,
  source: usize,
  weights: usize,
  transforms: usize,
  vertices: usize,
  joints: usize,
): void {
  const end: usize = source + 12 * vertices;
  const last: usize = transforms + 64 * joints;
  while (source < end) {
    let x = f32x4.splat(0);
    let y = f32x4.splat(0);
    let z = f32x4.splat(0);
    let t = f32x4.splat(0);
    for (let joint = transforms; joint < last; joint += 64) {
      const weight = v128.load32_splat(weights);
      weights += 4;
      x = f32x4.add(x, f32x4.mul(weight, v128.load(joint)));
      y = f32x4.add(y, f32x4.mul(weight, v128.load(joint, 16)));
      z = f32x4.add(z, f32x4.mul(weight, v128.load(joint, 32)));
      t = f32x4.add(t, f32x4.mul(weight, v128.load(joint, 48)));
    }
    const xy = f32x4.add(
      f32x4.mul(x, v128.load32_splat(source)),
      f32x4.mul(y, v128.load32_splat(source, 4)),
    );
    v128.store(target, f32x4.add(f32x4.add(xy, t), f32x4.mul(z, v128.load32_splat(source, 8))));
    source += 12;
    target += 12;
  }
}

// @ts-nocheck — AssemblyScript, compiled by scripts/build-kernel.mjs into ../src/gram-wasm-binary.ts.

/**
 * out[i·n + j] = Σ a[i]·a[j] over rows of `stride` bytes, a multiple of 16, for i ≤ j; n is a multiple
 * of 3. Tiles of 3×3: nine sums, three rows and a fourth fill the sixteen registers without spilling.
 */
export function gram(out: usize, a: usize, n: usize, stride: usize): void {
  for (let i: usize = 0; i < n; i += 3) {
    for (let j: usize = i; j < n; j += 3) {
      let p: usize = a + i * stride;
      let q: usize = a + j * stride;
      const end: usize = p + stride;
      let s00 = f32x4.splat(0);
      let s01 = f32x4.splat(0);
      let s02 = f32x4.splat(0);
      let s10 = f32x4.splat(0);
      let s11 = f32x4.splat(0);
      let s12 = f32x4.splat(0);
      let s20 = f32x4.splat(0);
      let s21 = f32x4.splat(0);
      let s22 = f32x4.splat(0);
      while (p < end) {
        const x = v128.load(p);
        const y = v128.load(p + stride);
        const z = v128.load(p + 2 * stride);
        const u = v128.load(q);
        s00 = f32x4.add(s00, f32x4.mul(x, u));
        s10 = f32x4.add(s10, f32x4.mul(y, u));
        s20 = f32x4.add(s20, f32x4.mul(z, u));
        const v = v128.load(q + stride);
        s01 = f32x4.add(s01, f32x4.mul(x, v));
        s11 = f32x4.add(s11, f32x4.mul(y, v));
        s21 = f32x4.add(s21, f32x4.mul(z, v));
        const w = v128.load(q + 2 * stride);
        s02 = f32x4.add(s02, f32x4.mul(x, w));
        s12 = f32x4.add(s12, f32x4.mul(y, w));
        s22 = f32x4.add(s22, f32x4.mul(z, w));
        p += 16;
        q += 16;
      }
      const row: usize = out + 4 * (i * n + j);
      const next: usize = row + 4 * n;
      const last: usize = next + 4 * n;
      f32.store(row, sum(s00));
      f32.store(row, sum(s01), 4);
      f32.store(row, sum(s02), 8);
      f32.store(next, sum(s10));
      f32.store(next, sum(s11), 4);
      f32.store(next, sum(s12), 8);
      f32.store(last, sum(s20));
      f32.store(last, sum(s21), 4);
      f32.store(last, sum(s22), 8);
    }
  }
}

function sum(v: v128): f32 {
  return (
    f32x4.extract_lane(v, 0) +
    f32x4.extract_lane(v, 1) +
    (f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3))
  );
}

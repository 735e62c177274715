/** out [3×2]: how the barycentric of each corner changes with the pixel, on a screen with y down. */
export function barycentricSlopes(
  out: Float64Array,
  screen: Float64Array,
  indices: Uint32Array,
  t: number,
): void {
  const a = 3 * indices[t];
  const b = 3 * indices[t + 1];
  const c = 3 * indices[t + 2];
  const abX = screen[b] - screen[a];
  const abY = screen[b + 1] - screen[a + 1];
  const acX = screen[c] - screen[a];
  const acY = screen[c + 1] - screen[a + 1];
  const area = abX * acY - abY * acX;
  out[2] = acY / area;
  out[3] = -acX / area;
  out[4] = -abY / area;
  out[5] = abX / area;
  out[0] = -out[2] - out[4];
  out[1] = -out[3] - out[5];
}

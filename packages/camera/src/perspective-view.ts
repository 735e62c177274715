import { composeRotations, rotationFromAxisAngle } from "@headform/core-math";

/** Correspondences that count: points in units of their RMS radius about their centroid. */
export interface NormalizedView {
  readonly count: number;
  readonly points: Float64Array;
  readonly pixels: Float64Array;
  /** Square roots of the weights. */
  readonly roots: Float64Array;
  readonly centroid: Float64Array;
  /** RMS distance from the centroid, model units. */
  readonly size: number;
  /** Largest distance from the centroid, in `size`. */
  readonly radius: number;
}

/** All that the residuals depend on but the unknowns θ = (ω, ln s, a, b, w), R = exp(ω)·R₀. */
export interface PerspectiveView extends NormalizedView {
  readonly rotation: Float64Array;
  readonly principalPoint: Float64Array;
  readonly focalLength?: number;
  readonly prior?: { readonly logFocalLength: number; readonly weight: number };
}

/** Leaves out what has no weight, centers the points and brings them to unit size. */
export function normalizeView(
  points: ArrayLike<number>,
  pixels: ArrayLike<number>,
  weights: ArrayLike<number> | undefined,
): NormalizedView {
  const used: number[] = [];
  for (let i = 0; i < points.length / 3; i++) if (!weights || weights[i] > 0) used.push(i);
  const count = used.length;
  const out = new Float64Array(3 * count);
  const uv = new Float64Array(2 * count);
  const roots = new Float64Array(count);
  const centroid = new Float64Array(3);
  used.forEach((i, k) => {
    roots[k] = weights ? Math.sqrt(weights[i]) : 1;
    for (let c = 0; c < 2; c++) uv[2 * k + c] = pixels[2 * i + c];
    for (let c = 0; c < 3; c++) {
      out[3 * k + c] = points[3 * i + c];
      centroid[c] += points[3 * i + c] / count;
    }
  });
  let sum = 0;
  for (let i = 0; i < out.length; i++) {
    out[i] -= centroid[i % 3];
    sum += out[i] * out[i];
  }
  const size = Math.sqrt(sum / count);
  let radius = 0;
  for (let i = 0; i < out.length; i++) out[i] /= size;
  for (let i = 0; i < out.length; i += 3) {
    radius = Math.max(radius, Math.hypot(out[i], out[i + 1], out[i + 2]));
  }
  return { count, points: out, pixels: uv, roots, centroid, size, radius };
}

/** out [2N (+1)]: √weight·(projection − pixel), then the prior's row. */
export function viewResiduals(
  out: Float64Array,
  theta: Float64Array,
  model: PerspectiveView,
): void {
  const { points, pixels, roots, principalPoint, prior } = model;
  const r = composeRotations(rotationFromAxisAngle(theta.subarray(0, 3)), model.rotation);
  const [s, a, b, w] = [Math.exp(theta[3]), theta[4], theta[5], theta[6]];
  const [cx, cy] = principalPoint;
  for (let i = 0; i < model.count; i++) {
    const x = points[3 * i];
    const y = points[3 * i + 1];
    const z = points[3 * i + 2];
    const k = 1 / (1 - w * (r[6] * x + r[7] * y + r[8] * z));
    const u = cx + k * (s * (r[0] * x + r[1] * y + r[2] * z) + a);
    const v = cy - k * (s * (r[3] * x + r[4] * y + r[5] * z) + b);
    out[2 * i] = roots[i] * (u - pixels[2 * i]);
    out[2 * i + 1] = roots[i] * (v - pixels[2 * i + 1]);
  }
  if (prior) {
    out[2 * model.count] = prior.weight * (theta[3] - Math.log(w) - prior.logFocalLength);
  }
}

/** out [(2N (+1))×7]: derivatives of {@link viewResiduals} by ω, ln s, a, b, w. */
export function viewJacobian(out: Float64Array, theta: Float64Array, model: PerspectiveView): void {
  const { points, roots, prior } = model;
  const omega = theta.subarray(0, 3);
  const r = composeRotations(rotationFromAxisAngle(omega), model.rotation);
  const left = leftJacobian(omega);
  const [s, a, b, w] = [Math.exp(theta[3]), theta[4], theta[5], theta[6]];
  out.fill(0);
  for (let i = 0; i < model.count; i++) {
    const [px, py, pz] = [points[3 * i], points[3 * i + 1], points[3 * i + 2]];
    const x = r[0] * px + r[1] * py + r[2] * pz;
    const y = r[3] * px + r[4] * py + r[5] * pz;
    const z = r[6] * px + r[7] * py + r[8] * pz;
    const k = 1 / (1 - w * z);
    const p = s * x + a;
    const q = s * y + b;
    const root = roots[i];
    const u = 14 * i;
    const v = u + 7;
    // By the point (x, y, z), then by ω: ∂(x, y, z)/∂ω = −[(x, y, z)]×·J, the left Jacobian J.
    const [ux, uz] = [root * k * s, root * k * k * w * p];
    const [vy, vz] = [-root * k * s, -root * k * k * w * q];
    const du = [uz * y, ux * z - uz * x, -ux * y];
    const dv = [vz * y - vy * z, -vz * x, vy * x];
    for (let c = 0; c < 3; c++) {
      out[u + c] = du[0] * left[c] + du[1] * left[3 + c] + du[2] * left[6 + c];
      out[v + c] = dv[0] * left[c] + dv[1] * left[3 + c] + dv[2] * left[6 + c];
    }
    out[u + 3] = root * k * s * x;
    out[v + 3] = -root * k * s * y;
    out[u + 4] = root * k;
    out[v + 5] = -root * k;
    out[u + 6] = root * k * k * z * p;
    out[v + 6] = -root * k * k * z * q;
  }
  if (prior) {
    out[14 * model.count + 3] = prior.weight;
    out[14 * model.count + 6] = -prior.weight / w;
  }
}

/**
 * J(ω) [3×3] of d exp(ω) = [J·dω]×·exp(ω): I + (1 − cos θ)/θ²·[ω]× + (θ − sin θ)/θ³·[ω]×².
 */
function leftJacobian(omega: Float64Array): Float64Array {
  const [x, y, z] = omega;
  const angle = Math.hypot(x, y, z);
  const small = angle < 1e-4;
  const a = small ? 0.5 : 2 * (Math.sin(angle / 2) / angle) ** 2;
  const b = small ? 1 / 6 : (angle - Math.sin(angle)) / angle ** 3;
  return Float64Array.of(
    1 - b * (y * y + z * z),
    b * x * y - a * z,
    b * x * z + a * y,
    b * x * y + a * z,
    1 - b * (x * x + z * z),
    b * y * z - a * x,
    b * x * z - a * y,
    b * y * z + a * x,
    1 - b * (x * x + y * y),
  );
}

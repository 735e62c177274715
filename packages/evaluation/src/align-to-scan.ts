import { levenbergMarquardt, rotationFromAxisAngle } from "@headform/core-math";
import {
  applySimilarity,
  closestPoints,
  createTriangleIndex,
  invertSimilarity,
  type Similarity,
} from "@headform/mesh";
import { checkPoints } from "./check-points.ts";
import type { Surface } from "./surface.ts";

export interface AlignToScanOptions {
  /** Where to start, from landmarks say; the identity unless told. */
  readonly initial?: Similarity;
  /** Whether the scale is found too; without, the initial one stays. */
  readonly scale?: boolean;
  readonly maxIterations?: number;
}

/** Defaults of {@link alignToScan}. */
export const ALIGN_TO_SCAN_DEFAULTS: { readonly scale: boolean; readonly maxIterations: number } = {
  scale: false,
  maxIterations: 100,
};

export interface AlignedToScan {
  /** Carries the surface to the scan. */
  readonly similarity: Similarity;
  /** ½ Σ of the squared distances from the scan's points to the moved surface. */
  readonly cost: number;
  readonly iterations: number;
  readonly status: "converged" | "stalled" | "max-iterations";
}

/**
 * Moves a surface as a whole so that it lies best under a scan:
 * min Σ min_y |xᵢ − (s·R·y + t)|² over R, t and, where asked for, s, y on the surface.
 *
 * It is the surface that moves and the scan's unit that counts, as the benchmarks have it: with a
 * free scale, moving the scan instead would favor shrinking it. Levenberg–Marquardt on the distances;
 * it finds the minimum next to its start.
 *
 * @param surface the prediction
 * @param scan [N×3] N ≥ 3
 * @throws RangeError when N < 3, a number is not finite, or the surface has no triangle
 * @see Sanyal et al. 2019, RingNet, section 5 (NoW: scan-to-mesh alignment)
 */
export function alignToScan(
  surface: Surface,
  scan: ArrayLike<number>,
  options: AlignToScanOptions = {},
): AlignedToScan {
  const { scale, maxIterations } = { ...ALIGN_TO_SCAN_DEFAULTS, ...options };
  const count = checkPoints("alignToScan", "scan", scan, 3);
  const { initial = IDENTITY } = options;
  // Turns are about the center of the scan, so that they and the moves hardly depend on each other.
  const center = centerOf(scan);
  const start = applySimilarity(initial, surface.positions);
  const index = createTriangleIndex({ positions: start, indices: surface.indices });
  const size = 3 + 3 + (scale ? 1 : 0);

  let at: Float64Array = new Float64Array(size).fill(Number.NaN);
  let nearest: Float64Array = new Float64Array(3 * count);
  const offsets = new Float64Array(3 * count);
  /** Closest points of the moved surface, and from there to the scan. */
  const find = (x: Float64Array): void => {
    if (x.every((value, i) => value === at[i])) return;
    at = x.slice();
    const moved = moveOf(x, center);
    // A similarity keeps what is closest: the tree stays where it is and the scan comes to it.
    const found = closestPoints(index, applySimilarity(invertSimilarity(moved), scan));
    nearest = applySimilarity(moved, found.points);
    for (let i = 0; i < offsets.length; i++) offsets[i] = scan[i] - nearest[i];
  };
  const { solution, cost, iterations, status } = levenbergMarquardt({
    initial: new Float64Array(size),
    residualCount: count,
    residuals: (x, out) => {
      find(x);
      for (let i = 0; i < count; i++) {
        out[i] = Math.hypot(offsets[3 * i], offsets[3 * i + 1], offsets[3 * i + 2]);
      }
    },
    jacobian: (x, out) => {
      find(x);
      writeJacobian(out, x, center, nearest, offsets);
    },
    maxIterations,
    tolerances: { cost: 1e-10, gradient: 1e-9, step: 1e-9 },
  });
  return { similarity: after(moveOf(solution, center), initial), cost, iterations, status };
}

const IDENTITY: Similarity = {
  scale: 1,
  rotation: Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1),
  translation: new Float64Array(3),
};

/** y ↦ c + e^σ·R(ω)·(y − c) + t for x = (ω, t, σ). */
function moveOf(x: Float64Array, center: Float64Array): Similarity {
  const scale = x.length > 6 ? Math.exp(x[6]) : 1;
  const rotation = rotationFromAxisAngle(x.subarray(0, 3));
  const translation = applySimilarity({ scale, rotation, translation: ZERO }, center).map(
    (turned, i) => center[i] + x[3 + i] - turned,
  );
  return { scale, rotation, translation };
}

const ZERO = new Float64Array(3);

/** ∂|x − q|/∂(ω, t, σ): minus the direction from q to x times how q moves. */
function writeJacobian(
  out: Float64Array,
  x: Float64Array,
  center: Float64Array,
  nearest: Float64Array,
  offsets: Float64Array,
): void {
  const size = x.length;
  const left = leftJacobian(x);
  for (let i = 0; 3 * i < offsets.length; i++) {
    const [dx, dy, dz] = offsets.subarray(3 * i, 3 * i + 3);
    const length = Math.hypot(dx, dy, dz);
    // A point on the surface pulls nowhere.
    if (length === 0) continue;
    const u = [-dx / length, -dy / length, -dz / length];
    const arm = [0, 1, 2].map((j) => nearest[3 * i + j] - center[j] - x[3 + j]);
    // u · (ω' × arm) = ω' · (arm × u), where ω' = J_l(ω)·δω.
    const torque = [
      arm[1] * u[2] - arm[2] * u[1],
      arm[2] * u[0] - arm[0] * u[2],
      arm[0] * u[1] - arm[1] * u[0],
    ];
    for (let j = 0; j < 3; j++) {
      out[size * i + j] = torque[0] * left[j] + torque[1] * left[3 + j] + torque[2] * left[6 + j];
      out[size * i + 3 + j] = u[j];
    }
    if (size > 6) out[size * i + 6] = u[0] * arm[0] + u[1] * arm[1] + u[2] * arm[2];
  }
}

/** How a change of an axis-angle vector turns: sinc θ·I + (1 − sinc θ)·aaᵀ + (1 − cos θ)/θ·[a]×. */
function leftJacobian(omega: Float64Array): Float64Array {
  const angle = Math.hypot(omega[0], omega[1], omega[2]);
  if (angle < 1e-8) return Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1);
  const [a, b, c] = [omega[0] / angle, omega[1] / angle, omega[2] / angle];
  const sinc = Math.sin(angle) / angle;
  const versed = (1 - Math.cos(angle)) / angle;
  const rest = 1 - sinc;
  return Float64Array.of(
    sinc + rest * a * a,
    rest * a * b - versed * c,
    rest * a * c + versed * b,
    rest * a * b + versed * c,
    sinc + rest * b * b,
    rest * b * c - versed * a,
    rest * a * c - versed * b,
    rest * b * c + versed * a,
    sinc + rest * c * c,
  );
}

function after(second: Similarity, first: Similarity): Similarity {
  const rotation = new Float64Array(9);
  for (let j = 0; j < 3; j++) {
    for (let k = 0; k < 3; k++) {
      for (let m = 0; m < 3; m++) {
        rotation[3 * j + k] += second.rotation[3 * j + m] * first.rotation[3 * m + k];
      }
    }
  }
  return {
    scale: second.scale * first.scale,
    rotation,
    translation: applySimilarity(second, first.translation),
  };
}

function centerOf(points: ArrayLike<number>): Float64Array {
  const center = new Float64Array(3);
  for (let i = 0; i < points.length; i++) center[i % 3] += (3 * points[i]) / points.length;
  return center;
}

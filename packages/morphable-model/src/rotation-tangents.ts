/** How a rotation moves with its axis-angle numbers. */
export interface RotationTangents {
  /** [3×3] row c: the axis ω about which R turns when number c grows, dR = [ω]×·R. */
  readonly axes: Float64Array;
  /** [3×9] row c: dR, row-major. */
  readonly derivatives: Float64Array;
}

/**
 * Derivatives of a rotation with respect to its axis-angle numbers: the axes are the columns of the
 * left Jacobian of SO(3), `sin θ/θ·I + (1 − sin θ/θ)·a·aᵀ + (1 − cos θ)/θ·[a]×`.
 *
 * @param v [3] axis a times angle θ, rad
 * @param r [3×3] its rotation
 */
export function rotationTangents(v: ArrayLike<number>, r: ArrayLike<number>): RotationTangents {
  const square = v[0] * v[0] + v[1] * v[1] + v[2] * v[2];
  const angle = Math.sqrt(square);
  const sinc = angle > 0 ? Math.sin(angle) / angle : 1;
  const half = angle > 0 ? (2 * Math.sin(angle / 2)) / angle : 1;
  // Below, the quotient loses digits and two terms of the series err by θ⁴/5040 < 1e-11.
  const along = angle > 0.01 ? (1 - sinc) / square : 1 / 6 - square / 120;
  const across = (half * half) / 2;
  const axes = new Float64Array(9);
  const derivatives = new Float64Array(27);
  for (let c = 0; c < 3; c++) {
    const next = (c + 1) % 3;
    const after = (c + 2) % 3;
    for (let i = 0; i < 3; i++) axes[3 * c + i] = along * v[c] * v[i];
    axes[3 * c + c] += sinc;
    // v × e_c
    axes[3 * c + next] += across * v[after];
    axes[3 * c + after] -= across * v[next];
    const x = axes[3 * c];
    const y = axes[3 * c + 1];
    const z = axes[3 * c + 2];
    for (let column = 0; column < 3; column++) {
      derivatives[9 * c + column] = y * r[6 + column] - z * r[3 + column];
      derivatives[9 * c + 3 + column] = z * r[column] - x * r[6 + column];
      derivatives[9 * c + 6 + column] = x * r[3 + column] - y * r[column];
    }
  }
  return { axes, derivatives };
}

import { symmetricRankK } from "@headform/core-math";
import type { ConstraintRows } from "./constraints.ts";
import { CAMERA_UNKNOWNS, type LinearSystem } from "./linearize-projection.ts";

/**
 * Normal equations over [coefficients, camera step]. Pixel and offset terms of a point share one
 * 3×3 weight, whose Cholesky factor turns its five rows into three.
 */
export function normalEquations(
  rows: ConstraintRows,
  offsets: Float64Array,
  coefficients: Float64Array,
  system: LinearSystem,
  pixelPrecision: Float64Array,
  offsetPrecision: Float64Array,
): { hessian: Float64Array; gradient: Float64Array } {
  const { basis, columns, count } = rows;
  const size = columns + CAMERA_UNKNOWNS;
  const hessian = new Float64Array(size * size);
  const gradient = new Float64Array(size);
  const scaled = new Float64Array(3 * count * columns);
  const cross = new Float64Array(3 * CAMERA_UNKNOWNS);
  const pull = new Float64Array(3);
  for (let i = 0; i < count; i++) {
    const J = system.byPoint.subarray(6 * i, 6 * i + 6);
    const C = system.byCamera.subarray(2 * CAMERA_UNKNOWNS * i, 2 * CAMERA_UNKNOWNS * (i + 1));
    const wp = pixelPrecision[i];
    const wo = offsetPrecision[i];
    // 1. The weight W = wp·JᵀJ + wo·I = UᵀU, U upper triangular.
    const w00 = wp * (J[0] * J[0] + J[3] * J[3]) + wo;
    const w01 = wp * (J[0] * J[1] + J[3] * J[4]);
    const w02 = wp * (J[0] * J[2] + J[3] * J[5]);
    const w11 = wp * (J[1] * J[1] + J[4] * J[4]) + wo;
    const w12 = wp * (J[1] * J[2] + J[4] * J[5]);
    const w22 = wp * (J[2] * J[2] + J[5] * J[5]) + wo;
    const u00 = Math.sqrt(w00);
    const u01 = u00 > 0 ? w01 / u00 : 0;
    const u02 = u00 > 0 ? w02 / u00 : 0;
    const u11 = Math.sqrt(Math.max(0, w11 - u01 * u01));
    const u12 = u11 > 0 ? (w12 - u01 * u02) / u11 : 0;
    const u22 = Math.sqrt(Math.max(0, w22 - u02 * u02 - u12 * u12));
    const r0 = 3 * i * columns;
    const r1 = r0 + columns;
    const r2 = r1 + columns;
    let bx = 0;
    let by = 0;
    let bz = 0;
    for (let k = 0; k < columns; k++) {
      const x = basis[r0 + k];
      const y = basis[r1 + k];
      const z = basis[r2 + k];
      scaled[r0 + k] = u00 * x + u01 * y + u02 * z;
      scaled[r1 + k] = u11 * y + u12 * z;
      scaled[r2 + k] = u22 * z;
      bx += x * coefficients[k];
      by += y * coefficients[k];
      bz += z * coefficients[k];
    }
    // 2. Right-hand side: where the pixel pulls the point from its present place, and the offset.
    const eu = system.residuals[2 * i] + J[0] * bx + J[1] * by + J[2] * bz;
    const ev = system.residuals[2 * i + 1] + J[3] * bx + J[4] * by + J[5] * bz;
    for (let axis = 0; axis < 3; axis++) {
      pull[axis] = wp * (J[axis] * eu + J[3 + axis] * ev) + wo * offsets[3 * i + axis];
      for (let a = 0; a < CAMERA_UNKNOWNS; a++) {
        cross[axis * CAMERA_UNKNOWNS + a] =
          wp * (J[axis] * C[a] + J[3 + axis] * C[CAMERA_UNKNOWNS + a]);
      }
    }
    for (let k = 0; k < columns; k++) {
      const x = basis[r0 + k];
      const y = basis[r1 + k];
      const z = basis[r2 + k];
      gradient[k] += x * pull[0] + y * pull[1] + z * pull[2];
      const at = k * size + columns;
      for (let a = 0; a < CAMERA_UNKNOWNS; a++) {
        hessian[at + a] +=
          x * cross[a] + y * cross[CAMERA_UNKNOWNS + a] + z * cross[2 * CAMERA_UNKNOWNS + a];
      }
    }
    // 3. The camera's own block; its step starts at zero, so coefficients enter by their value.
    for (let a = 0; a < CAMERA_UNKNOWNS; a++) {
      gradient[columns + a] += wp * (C[a] * eu + C[CAMERA_UNKNOWNS + a] * ev);
      for (let b = 0; b < CAMERA_UNKNOWNS; b++) {
        hessian[(columns + a) * size + columns + b] +=
          wp * (C[a] * C[b] + C[CAMERA_UNKNOWNS + a] * C[CAMERA_UNKNOWNS + b]);
      }
    }
  }
  // 4. The coefficients' block, and the symmetric half of the cross block.
  const block = symmetricRankK(scaled, 3 * count, columns);
  for (let k = 0; k < columns; k++) {
    hessian.set(block.subarray(k * columns, (k + 1) * columns), k * size);
    // set() above overwrote nothing of the cross block: it starts at column `columns`.
    for (let a = 0; a < CAMERA_UNKNOWNS; a++) {
      hessian[(columns + a) * size + k] = hessian[k * size + columns + a];
    }
  }
  // A camera direction the points do not see at all must not stop the solver.
  for (let a = 0; a < CAMERA_UNKNOWNS; a++) {
    const at = (columns + a) * (size + 1);
    hessian[at] *= 1 + 1e-9;
  }
  return { hessian, gradient };
}

import { checkLength } from "../check-array.ts";
import type { Rotation } from "./matrix.ts";
import { composeRotations } from "./matrix.ts";

/** Order of the factors as written: "XYZ" is R = Rx·Ry·Rz (Rz acts first). */
export type EulerOrder = "XYZ" | "XZY" | "YXZ" | "YZX" | "ZXY" | "ZYX";

const AXES: Readonly<Record<EulerOrder, readonly [number, number, number]>> = {
  XYZ: [0, 1, 2],
  XZY: [0, 2, 1],
  YXZ: [1, 0, 2],
  YZX: [1, 2, 0],
  ZXY: [2, 0, 1],
  ZYX: [2, 1, 0],
};

/**
 * Rotation of three Euler angles, for instance Rx(a₀)·Ry(a₁)·Rz(a₂) when `order` is "XYZ".
 *
 * @param angles [3] rad, about x, y and z, in this order whatever `order` says
 * @param order order of the factors as written, left to right
 * @returns [3×3]
 * @throws RangeError when `angles` does not have 3 numbers or `order` is unknown
 */
export function rotationFromEuler(angles: ArrayLike<number>, order: EulerOrder): Rotation {
  checkLength("rotationFromEuler", "angles", angles, 3);
  const [i, j, k] = axesOf("rotationFromEuler", order);
  return composeRotations(
    composeRotations(aboutAxis(i, angles[i]), aboutAxis(j, angles[j])),
    aboutAxis(k, angles[k]),
  );
}

/**
 * Euler angles of a rotation; the middle one is in [−π/2, π/2]. Where the middle one is ±π/2 the
 * others are not unique, and the last factor's angle is given as 0.
 *
 * @param r [3×3] row-major rotation
 * @param order order of the factors as written, left to right
 * @returns [3] rad, about x, y and z, in this order whatever `order` says
 * @throws RangeError when the matrix does not have 9 numbers or `order` is unknown
 */
export function eulerFromRotation(r: ArrayLike<number>, order: EulerOrder): Float64Array {
  checkLength("eulerFromRotation", "rotation", r, 9);
  const [i, j, k] = axesOf("eulerFromRotation", order);
  // +1 for an even permutation of the axes (XYZ, YZX, ZXY), −1 for an odd one.
  const sign = (j - i + 3) % 3 === 1 ? 1 : -1;
  const at = (row: number, column: number): number => r[3 * row + column];
  const cosine = Math.hypot(at(i, i), at(i, j));
  const out = new Float64Array(3);
  out[j] = Math.atan2(sign * at(i, k), cosine);
  if (cosine > 1e-12) {
    out[i] = Math.atan2(-sign * at(j, k), at(k, k));
    out[k] = Math.atan2(-sign * at(i, j), at(i, i));
  } else {
    out[i] = Math.atan2(sign * at(k, j), at(j, j));
  }
  return out;
}

function axesOf(where: string, order: EulerOrder): readonly [number, number, number] {
  if (!Object.hasOwn(AXES, order)) {
    throw new RangeError(`${where}: expected order ${Object.keys(AXES).join(" | ")}, got ${order}`);
  }
  return AXES[order];
}

function aboutAxis(axis: number, angle: number): Rotation {
  const out = new Float64Array(9);
  const [a, b] = [(axis + 1) % 3, (axis + 2) % 3];
  out[4 * axis] = 1;
  out[4 * a] = Math.cos(angle);
  out[4 * b] = Math.cos(angle);
  out[3 * a + b] = -Math.sin(angle);
  out[3 * b + a] = Math.sin(angle);
  return out;
}

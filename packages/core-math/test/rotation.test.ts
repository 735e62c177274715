import {
  axisAngleFromRotation,
  composeRotations,
  type EulerOrder,
  eulerFromRotation,
  invertRotation,
  nearestRotation,
  quaternionFromRotation,
  rotation6dFromRotation,
  rotationFrom6d,
  rotationFromAxisAngle,
  rotationFromEuler,
  rotationFromQuaternion,
  yawPitchRollFromRotation,
} from "@headform/core-math/rotation";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { largestDifference, reference } from "./reference.ts";

// Float64 rounding of a handful of products of numbers of size 1.
const EPS = 1e-14;
const SEED = 31;
const IDENTITY = [1, 0, 0, 0, 1, 0, 0, 0, 1];
const angles = fc.array(fc.double({ min: -1.5, max: 1.5, noNaN: true }), {
  minLength: 3,
  maxLength: 3,
});
const orders: EulerOrder[] = ["XYZ", "XZY", "YXZ", "YZX", "ZXY", "ZYX"];

describe("rotations agree with SciPy", () => {
  test.each(reference.rotations)("axis-angle $axisAngle", ({ axisAngle, quaternion, matrix }) => {
    expect(largestDifference(rotationFromAxisAngle(axisAngle), matrix)).toBeLessThan(EPS);
    expect(largestDifference(rotationFromQuaternion(quaternion), matrix)).toBeLessThan(EPS);
    expect(largestDifference(quaternionFromRotation(matrix), quaternion)).toBeLessThan(EPS);
    // Turns of up to π: the angle carries the rounding of the matrix.
    expect(largestDifference(axisAngleFromRotation(matrix), axisAngle)).toBeLessThan(1e-13);
  });

  test.each(reference.euler)("Euler $order", ({ order, angles: given, matrix }) => {
    expect(largestDifference(rotationFromEuler(given, order), matrix)).toBeLessThan(EPS);
    expect(largestDifference(eulerFromRotation(matrix, order), given)).toBeLessThan(1e-13);
  });

  test.each(reference.nearestRotation)("nearest rotation %#", ({ matrix, rotation }) => {
    // An SVD of a 3×3 matrix, which amplifies rounding by the ratio of its singular values.
    expect(largestDifference(nearestRotation(matrix), rotation)).toBeLessThan(1e-12);
  });
});

describe("round trips", () => {
  test("axis-angle, quaternion, 6D and every Euler order", () => {
    fc.assert(
      fc.property(angles, (v) => {
        const r = rotationFromAxisAngle(v);
        expect(largestDifference(composeRotations(r, invertRotation(r)), IDENTITY)).toBeLessThan(
          EPS,
        );
        expect(largestDifference(axisAngleFromRotation(r), v)).toBeLessThan(1e-13);
        const q = quaternionFromRotation(r);
        expect(largestDifference(rotationFromQuaternion(q), r)).toBeLessThan(EPS);
        const d = rotation6dFromRotation(r);
        expect(largestDifference(rotationFrom6d(d), r)).toBeLessThan(EPS);
        for (const order of orders) {
          const back = rotationFromEuler(eulerFromRotation(r, order), order);
          // Near ±90° of the middle angle the two others cancel; the matrix does not.
          expect(largestDifference(back, r)).toBeLessThan(1e-12);
        }
      }),
      { seed: SEED },
    );
  });

  test.each(orders)("gimbal lock of %s: the middle angle is ±π/2", (order) => {
    const middle = "XYZ".indexOf(order[1]);
    for (const sign of [-1, 1]) {
      const given = [0.3, 0.3, 0.3];
      given[middle] = (sign * Math.PI) / 2;
      const r = rotationFromEuler(given, order);
      const found = eulerFromRotation(r, order);
      expect(found[middle]).toBeCloseTo(given[middle], 12);
      expect(found["XYZ".indexOf(order[2])]).toBe(0);
      expect(largestDifference(rotationFromEuler(found, order), r)).toBeLessThan(1e-12);
    }
  });

  test("zero and half turns", () => {
    expect([...rotationFromAxisAngle([0, 0, 0])]).toEqual(IDENTITY);
    const out = new Float64Array(9);
    expect(rotationFromAxisAngle([0, 0, 0], out)).toBe(out);
    expect([...axisAngleFromRotation(IDENTITY)]).toEqual([0, 0, 0]);
    for (const axis of [0, 1, 2]) {
      const v = [0, 0, 0];
      v[axis] = Math.PI;
      const found = axisAngleFromRotation(rotationFromAxisAngle(v));
      expect(Math.abs(found[axis])).toBeCloseTo(Math.PI, 12);
    }
  });
});

describe("meaning", () => {
  test("a quarter turn about z takes x to y", () => {
    const r = rotationFromAxisAngle([0, 0, Math.PI / 2]);
    expect(largestDifference([r[0], r[3], r[6]], [0, 1, 0])).toBeLessThan(EPS);
  });

  test("6D is the first two rows, and need not be orthonormal", () => {
    const r = rotationFrom6d([2, 0, 0, 5, 3, 0]);
    expect([...r]).toEqual(IDENTITY);
  });

  test("yaw turns the face to the image's right, pitch down, roll leans it to the image's left", () => {
    const yaw = yawPitchRollFromRotation(rotationFromEuler([0, 0.4, 0], "ZXY"));
    expect(yaw.yaw).toBeCloseTo(0.4, 12);
    // Face direction (0, 0, 1) and crown direction (0, 1, 0) in the camera frame.
    const turned = rotationFromEuler([0, 0.4, 0], "ZXY");
    expect(turned[2]).toBeGreaterThan(0);
    const nodded = rotationFromEuler([0.4, 0, 0], "ZXY");
    expect(nodded[5]).toBeLessThan(0);
    const leaned = rotationFromEuler([0, 0, 0.4], "ZXY");
    expect(leaned[1]).toBeLessThan(0);
    const all = yawPitchRollFromRotation(rotationFromEuler([-0.2, 0.9, 0.3], "ZXY"));
    expect(largestDifference([all.pitch, all.yaw, all.roll], [-0.2, 0.9, 0.3])).toBeLessThan(1e-13);
  });

  test("a reflection comes back as the nearest proper rotation", () => {
    const r = nearestRotation([1, 0, 0, 0, 1, 0, 0, 0, -0.1]);
    expect(largestDifference(r, IDENTITY)).toBeLessThan(EPS);
  });
});

describe("errors", () => {
  test("wrong lengths", () => {
    expect(() => rotationFromAxisAngle([1, 2, 3], new Float64Array(8))).toThrow(
      new RangeError("rotationFromAxisAngle: expected out of length 9, got 8"),
    );
    expect(() => rotationFromAxisAngle([1, 2])).toThrow(
      new RangeError("rotationFromAxisAngle: expected v of length 3, got 2"),
    );
    expect(() => axisAngleFromRotation([1])).toThrow(RangeError);
    expect(() => rotationFromQuaternion([1, 0, 0])).toThrow(RangeError);
    expect(() => quaternionFromRotation([1])).toThrow(RangeError);
    expect(() => rotationFromEuler([1], "XYZ")).toThrow(RangeError);
    expect(() => eulerFromRotation([1], "XYZ")).toThrow(RangeError);
    expect(() => rotationFrom6d([1])).toThrow(RangeError);
    expect(() => rotation6dFromRotation([1])).toThrow(RangeError);
    expect(() => composeRotations([1], IDENTITY)).toThrow(RangeError);
    expect(() => composeRotations(IDENTITY, [1])).toThrow(RangeError);
    expect(() => invertRotation([1])).toThrow(RangeError);
    expect(() => nearestRotation([1])).toThrow(RangeError);
    expect(() => yawPitchRollFromRotation([1])).toThrow(RangeError);
  });

  test("values without a rotation", () => {
    expect(() => rotationFromQuaternion([0, 0, 0, 0])).toThrow(/length > 0/);
    expect(() => rotationFrom6d([1, 0, 0, 2, 0, 0])).toThrow(/not parallel/);
    expect(() => rotationFrom6d([0, 0, 0, 2, 0, 0])).toThrow(/not parallel/);
    expect(() => nearestRotation([Number.NaN, 0, 0, 0, 1, 0, 0, 0, 1])).toThrow(/index 0/);
    expect(() => rotationFromEuler([0, 0, 0], "XYX" as EulerOrder)).toThrow(/expected order/);
    expect(() => eulerFromRotation(IDENTITY, "xyz" as EulerOrder)).toThrow(/expected order/);
  });
});

import {
  chamferDistance,
  measureScan,
  normalConsistency,
  recallWithin,
} from "@headform/evaluation";
import { describe, expect, test } from "vitest";
import { square } from "./shell.ts";

// Above the inside, beyond an edge (3, 4 away), beyond the corner (2, 3, 6 away).
const points = [0.25, 0.5, 2, 1 + 3, 0.5, 4, 1 + 2, 1 + 3, 6];

describe("measureScan", () => {
  test("inside, edge and corner of a square", () => {
    const { distances, closest } = measureScan(points, square(1));
    // Exact but for the square root of sums of small whole numbers.
    expect([...distances]).toEqual([2, 5, 7]);
    expect([...closest]).toEqual([0.25, 0.5, 0, 1, 0.5, 0, 1, 1, 0]);
  });
  test("refuses what it cannot measure", () => {
    expect(() => measureScan([], square(1))).toThrow(RangeError);
    expect(() => measureScan([1, 2], square(1))).toThrow("N ≥ 1");
    expect(() => measureScan([1, 2, Number.NaN], square(1))).toThrow("at index 2");
    const nothing = { positions: [0, 0, 0], indices: new Uint32Array(0) };
    expect(() => measureScan(points, nothing)).toThrow("at least 1 triangle");
  });
});

describe("chamferDistance", () => {
  test("sums of coordinates and Euclidean distances", () => {
    const { l1, l2 } = chamferDistance(points, square(1));
    expect(l1).toBeCloseTo((2 + 7 + 11) / 3, 14);
    expect(l2).toBeCloseTo((2 + 5 + 7) / 3, 14);
  });
  test("for directions of every kind L1 is one and a half times L2", () => {
    // A ball's surface around a tiny triangle: the mean of |x| + |y| + |z| on the unit sphere is 3/2.
    const rays: number[] = [];
    for (let i = 0; i < 20000; i++) {
      const z = 1 - (2 * i + 1) / 20000;
      const angle = i * Math.PI * (3 - Math.sqrt(5));
      rays.push(Math.sqrt(1 - z * z) * Math.cos(angle), Math.sqrt(1 - z * z) * Math.sin(angle), z);
    }
    const { l1, l2 } = chamferDistance(rays, square(1e-9));
    // 20,000 evenly spread directions give the mean to four digits.
    expect(l1 / l2).toBeCloseTo(1.5, 4);
  });
  test("refuses points that are not finite", () => {
    expect(() => chamferDistance([0, 0, Infinity], square(1))).toThrow(RangeError);
  });
});

describe("normalConsistency", () => {
  test("the mean cosine, whatever the lengths", () => {
    const three = [0.2, 0.2, 1, 0.4, 0.2, 1, 0.6, 0.2, 1];
    const normals = [0, 0, 5, 0, 3, 4, 0, 0, -1];
    // Single-precision vertex normals of a flat square are exact.
    expect(normalConsistency(three, normals, square(1))).toBeCloseTo((1 + 0.8 - 1) / 3, 14);
    expect(normalConsistency([0.5, 0.5, 0], [0, 0, 0], square(1))).toBe(0);
  });
  test("refuses another number of normals", () => {
    expect(() => normalConsistency([0, 0, 1], [0, 0, 1, 0, 0, 1], square(1))).toThrow("expected 1");
    expect(() => normalConsistency([0, 0, 1], [0, 0, Number.NaN], square(1))).toThrow(RangeError);
  });
});

describe("recallWithin", () => {
  test("counts the threshold itself", () => {
    expect(recallWithin([0, 1, 2.5, 2.6], 2.5)).toBe(0.75);
    expect(recallWithin([3], 2.5)).toBe(0);
  });
  test("refuses no distance and a threshold below 0", () => {
    expect(() => recallWithin([], 1)).toThrow(RangeError);
    expect(() => recallWithin([1], -1)).toThrow(RangeError);
    expect(() => recallWithin([1], Number.NaN)).toThrow(RangeError);
  });
});

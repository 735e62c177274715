import { type Detection, suppressOverlaps } from "@headform/networks/detector";
import { expect, test } from "vitest";

const at = (x: number, y: number, side: number, score: number): Detection => ({
  box: { x, y, width: side, height: side },
  score,
});

test("keeps the best of what overlaps and what stands apart", () => {
  const best = at(0, 0, 10, 0.9);
  const same = at(1, 0, 10, 0.8);
  const apart = at(30, 0, 10, 0.6);
  expect(suppressOverlaps([apart, same, best], 0.4)).toEqual([best, apart]);
});

test("a small box inside a large one goes, whatever its size", () => {
  expect(suppressOverlaps([at(0, 0, 100, 0.9), at(40, 40, 5, 0.8)], 0.4).length).toBe(1);
});

test("the limit itself is allowed", () => {
  // Intersection 4 of 10 columns.
  expect(suppressOverlaps([at(0, 0, 10, 0.9), at(6, 0, 10, 0.8)], 0.4).length).toBe(2);
  expect(suppressOverlaps([at(0, 0, 10, 0.9), at(5.9, 0, 10, 0.8)], 0.4).length).toBe(1);
  expect(suppressOverlaps([], 0.4)).toEqual([]);
});

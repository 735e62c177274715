import { expect, test } from "vitest";
import { FRONT, mirrored, turnByDrag, turnByKey, zoom } from "../src/scene/orbit.ts";

test("opposite keys undo each other", () => {
  const there = turnByKey(turnByKey(FRONT, "ArrowLeft")!, "ArrowUp")!;
  expect(there).not.toEqual(FRONT);
  const back = turnByKey(turnByKey(there, "ArrowRight")!, "ArrowDown")!;
  // Sums of steps: a few units in the last place.
  expect(back.yaw).toBeCloseTo(0, 12);
  expect(back.pitch).toBeCloseTo(0, 12);
  expect(turnByKey(turnByKey(FRONT, "+")!, "-")!.distance).toBeCloseTo(1, 12);
  expect(turnByKey(there, "Home")).toEqual(FRONT);
});

test("keys that mean nothing are left to the page", () => {
  expect(turnByKey(FRONT, "Tab")).toBeUndefined();
});

test("the head turns around, but never over its crown nor out of reach", () => {
  let view = FRONT;
  for (let i = 0; i < 100; i++) view = turnByDrag(view, 40, 40);
  expect(Math.abs(view.yaw)).toBeLessThanOrEqual(Math.PI);
  expect(view.pitch).toBeLessThan(Math.PI / 2);
  expect(zoom(FRONT, 1e6).distance).toBeLessThan(3);
  expect(zoom(FRONT, 1e-6).distance).toBeGreaterThan(0.2);
});

test("in a mirror the head follows the pointer as well", () => {
  const seen = mirrored(turnByDrag(mirrored(FRONT), 50, 20));
  const straight = turnByDrag(FRONT, 50, 20);
  expect(seen.yaw).toBe(-straight.yaw);
  expect(seen.pitch).toBe(straight.pitch);
});

import { rotationFromEuler } from "@headform/core-math";
import { evaluate, evaluateContour, evaluateLandmarks } from "@headform/morphable-model";
import { expect, test } from "vitest";
import { openHead, person } from "./fit/open-head.ts";

const head = openHead();
const positions = evaluate(head, person(head, 4, { jawOpen: 0.3 }));
const jaw = evaluateLandmarks(positions, head).subarray(0, 51);
const at = (yaw: number): Float64Array =>
  evaluateContour(positions, head, rotationFromEuler([0, yaw, 0], "XYZ"));
/** Horizontal place in the picture of a head that has turned. */
const across = (points: ArrayLike<number>, i: number, yaw: number): number =>
  points[3 * i] * Math.cos(yaw) + points[3 * i + 2] * Math.sin(yaw);

test("a head that looks ahead has its own jaw line", () => {
  // Points of a grid of fifths of a triangle: some millimeters.
  const found = at(0);
  for (let i = 0; i < 51; i++) expect(Math.abs(found[i] - jaw[i])).toBeLessThan(3e-3);
});

test("on the side turned away the outline is farther out than the jaw line, on the other it stays", () => {
  for (const yaw of [0.35, 0.7, 1.05]) {
    const found = at(yaw);
    // To its left: landmarks 9…16 are on the far side. The chin's own hardly move.
    let out = 0;
    for (let i = 9; i < 17; i++) {
      const farther = across(found, i, yaw) - across(jaw, i, yaw);
      // Another person's outline than the mean's, and a grid of some millimeters.
      expect(farther).toBeGreaterThan(-2e-3);
      out += farther / 8;
    }
    expect(out).toBeGreaterThan(4e-3);
    for (let i = 0; i < 8; i++) {
      expect(Math.abs(found[3 * i] - jaw[3 * i])).toBeLessThan(3e-3);
    }
    // The mirrored head is the mirror image.
    const other = evaluateContour(head.mean, head, rotationFromEuler([0, -yaw, 0], "XYZ"));
    const same = evaluateContour(head.mean, head, rotationFromEuler([0, yaw, 0], "XYZ"));
    for (let i = 0; i < 17; i++) {
      expect(Math.abs(other[3 * i] + same[3 * (16 - i)])).toBeLessThan(3e-3);
    }
  }
});

test("between rows it moves evenly, and beyond the last no more", () => {
  const [a, b, c] = [at(0.4363), at(0.48), at(0.5236)];
  for (let i = 0; i < 51; i++) {
    expect(b[i]).toBeGreaterThanOrEqual(Math.min(a[i], c[i]) - 1e-4);
    expect(b[i]).toBeLessThanOrEqual(Math.max(a[i], c[i]) + 1e-4);
  }
  expect(at(2)).toEqual(at(Math.PI / 2));
});

test("errors", () => {
  const { contour: _, ...plain } = head;
  const still = rotationFromEuler([0, 0, 0], "XYZ");
  expect(() => evaluateContour(positions, plain, still)).toThrow(
    /^evaluateContour: expected a model with a contour/,
  );
  expect(() => evaluateContour([0, 0, 0], head, still)).toThrow(/expected 17832 numbers, got 3/);
});

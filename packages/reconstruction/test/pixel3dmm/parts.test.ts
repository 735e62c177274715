import { createRandom } from "@headform/core-math";
import { describe, expect, test } from "vitest";
import { distanceToForeground } from "../../src/pixel3dmm/distance-to-foreground.ts";
import { findVertices } from "../../src/pixel3dmm/find-vertices.ts";
import { solveWithin } from "../../src/pixel3dmm/solve-within.ts";

describe("vertices found by their texture coordinates", () => {
  const [width, height] = [12, 9];
  // uv that slope along both axes: u = 0.1 + 0.05x − 0.01y, v = 0.2 + 0.02x + 0.06y.
  const uv = Float32Array.from({ length: 2 * width * height }, (_, i) => {
    const x = ((i >> 1) % width) + 0.5;
    const y = Math.floor((i >> 1) / width) + 0.5;
    return i % 2 === 0 ? 0.1 + 0.05 * x - 0.01 * y : 0.2 + 0.02 * x + 0.06 * y;
  });
  const at = (x: number, y: number) => [0.1 + 0.05 * x - 0.01 * y, 0.2 + 0.02 * x + 0.06 * y];
  const all = new Float32Array(width * height).fill(1);
  const texture = {
    uvs: Float32Array.of(...at(4.3, 5.8), ...at(8.1, 2.2), 5, 5),
    vertices: Uint32Array.of(7, 3, 9),
  };

  test("on the nearest pixel's center, those too far left out", () => {
    const found = findVertices(texture, uv, all, width, { maxDistance: 0.05, subpixel: false });
    expect([...found.indices]).toEqual([7, 3]);
    expect([...found.pixels]).toEqual([4.5, 5.5, 8.5, 2.5]);
  });

  test("between pixels, exactly where uv slope evenly", () => {
    const found = findVertices(texture, uv, all, width, { maxDistance: 0.05, subpixel: true });
    [4.3, 5.8, 8.1, 2.2].forEach((value, i) => {
      // The slopes are of single precision, 1e-7 of 0.05.
      expect(found.pixels[i]).toBeCloseTo(value, 4);
    });
  });

  test("none where nothing counts", () => {
    const nothing = new Float32Array(all.length);
    const options = { maxDistance: 1, subpixel: true };
    expect(findVertices(texture, uv, nothing, width, options).indices).toHaveLength(0);
  });
});

test("distances to the foreground are those of brute force", () => {
  const random = createRandom(8);
  const [width, height] = [17, 11];
  const segments = Uint8Array.from({ length: width * height }, () =>
    random.uniform() < 0.06 ? 1 : 0,
  );
  const found = distanceToForeground(segments, width, height);
  for (let p = 0; p < segments.length; p++) {
    let least = Infinity;
    segments.forEach((segment, q) => {
      if (segment === 0) return;
      const dx = (p % width) - (q % width);
      const dy = Math.floor(p / width) - Math.floor(q / width);
      least = Math.min(least, Math.hypot(dx, dy));
    });
    expect(found[p]).toBeCloseTo(least, 5);
  }
});

test("a bounded minimum meets the conditions of one", () => {
  const random = createRandom(9);
  for (let trial = 0; trial < 20; trial++) {
    const n = 8;
    const a = Float64Array.from({ length: n * n }, random.normal);
    const hessian = new Float64Array(n * n);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        for (let k = 0; k < n; k++) hessian[i * n + j] += a[i * n + k] * a[j * n + k];
      }
      // As damping and priors make it: bounds are met one by one, not all against each other.
      hessian[i * n + i] += 10;
    }
    const gradient = Float64Array.from({ length: n }, random.normal);
    const lower = new Float64Array(n).fill(-0.05);
    const upper = new Float64Array(n).fill(0.1);
    const x = solveWithin(hessian.slice(), gradient, lower, upper)!;
    for (let i = 0; i < n; i++) {
      let slope = -gradient[i];
      for (let j = 0; j < n; j++) slope += hessian[i * n + j] * x[j];
      // Downhill leads out of the bounds, or nowhere.
      if (x[i] <= lower[i]) expect(slope).toBeGreaterThan(-1e-9);
      else if (x[i] >= upper[i]) expect(slope).toBeLessThan(1e-9);
      else expect(Math.abs(slope)).toBeLessThan(1e-9);
    }
  }
  expect(
    solveWithin(Float64Array.of(-1), new Float64Array(1), new Float64Array(1), new Float64Array(1)),
  ).toBeUndefined();
});

import {
  choleskyFactor,
  choleskySolve,
  createRandom,
  solveLeastSquares,
  symmetricRankK,
} from "@headform/core-math";
import { describe, expect, test } from "vitest";
import { largestDifference, reference } from "./reference.ts";

const { rows, cols } = reference.leastSquares;
const matrix = Float64Array.from(reference.leastSquares.matrix);
const { rhs, tikhonov } = reference.leastSquares;
// 40 products of size 1 in another order than NumPy's.
const EPS = 1e-13;

describe("symmetricRankK", () => {
  test("agrees with NumPy", () => {
    const normal = symmetricRankK(matrix, rows, cols);
    expect(largestDifference(normal, reference.leastSquares.normal)).toBeLessThan(EPS);
  });

  // Sizes on both sides of the tile (4) and of the row block (256).
  test.each([
    [0, 3],
    [1, 1],
    [3, 5],
    [255, 8],
    [256, 7],
    [257, 9],
    [600, 13],
  ])("%i×%i agrees with the sum", (m, n) => {
    const random = createRandom(5);
    const a = Float32Array.from({ length: m * n }, random.normal);
    const found = symmetricRankK(a, m, n, new Float64Array(n * n).fill(Number.NaN));
    const expected = new Float64Array(n * n);
    for (let r = 0; r < m; r++) {
      for (let i = 0; i < n; i++) {
        for (let j = 0; j < n; j++) expected[i * n + j] += a[r * n + i] * a[r * n + j];
      }
    }
    // 600 products of size 1, summed in blocks.
    expect(largestDifference(found, expected)).toBeLessThan(1e-11);
  });

  test("errors", () => {
    expect(() => symmetricRankK(matrix, rows + 1, cols)).toThrow(
      new RangeError("symmetricRankK: expected a of length 287, got 280"),
    );
    expect(() => symmetricRankK(matrix, -1, cols)).toThrow(RangeError);
    expect(() => symmetricRankK(matrix, rows, 2.5)).toThrow(RangeError);
    expect(() => symmetricRankK(matrix, rows, cols, new Float64Array(3))).toThrow(/out of length/);
  });
});

describe("Cholesky", () => {
  test("agrees with NumPy, also in place", () => {
    const normal = symmetricRankK(matrix, rows, cols);
    const expected = reference.leastSquares.cholesky;
    expect(largestDifference(choleskyFactor(normal, cols)!, expected)).toBeLessThan(EPS);
    expect(largestDifference(choleskyFactor(normal, cols, normal)!, expected)).toBeLessThan(EPS);
  });

  test("solves, also in place", () => {
    const n = 37;
    const random = createRandom(3);
    const a = Float64Array.from({ length: 80 * n }, random.normal);
    const normal = symmetricRankK(a, 80, n);
    const x = Float64Array.from({ length: n }, random.normal);
    const b = x.map((_, i) => x.reduce((sum, value, j) => sum + normal[i * n + j] * value, 0));
    const factor = choleskyFactor(normal, n)!;
    // Condition number about 25 for 80×37, times rounding.
    expect(largestDifference(choleskySolve(factor, n, b), x)).toBeLessThan(1e-12);
    expect(largestDifference(choleskySolve(factor, n, b, b), x)).toBeLessThan(1e-12);
  });

  test("no factor where there is none", () => {
    expect(choleskyFactor(Float64Array.of(1, 2, 2, 1), 2)).toBeUndefined();
    expect(choleskyFactor(Float64Array.of(1, 1, 1, 1), 2)).toBeUndefined();
    expect(choleskyFactor(Float64Array.of(Number.NaN), 1)).toBeUndefined();
    expect(choleskyFactor(new Float64Array(0), 0)).toHaveLength(0);
  });

  test("errors", () => {
    const one = Float64Array.of(1);
    expect(() => choleskyFactor(one, 2)).toThrow(RangeError);
    expect(() => choleskyFactor(one, 1, new Float64Array(2))).toThrow(RangeError);
    expect(() => choleskySolve(one, 2, [1, 1])).toThrow(RangeError);
    expect(() => choleskySolve(one, 1, [1, 1])).toThrow(RangeError);
    expect(() => choleskySolve(one, 1, [1], new Float64Array(2))).toThrow(RangeError);
    expect(() => choleskySolve(one, 0.5, [1])).toThrow(RangeError);
  });
});

describe("solveLeastSquares", () => {
  test("agrees with NumPy, with and without Tikhonov weights", () => {
    const plain = solveLeastSquares({ matrix, rows, cols, rhs });
    expect(plain.method).toBe("cholesky");
    expect(largestDifference(plain.solution, reference.leastSquares.plain)).toBeLessThan(EPS);
    const weighted = solveLeastSquares({ matrix, rows, cols, rhs, tikhonov });
    expect(largestDifference(weighted.solution, reference.leastSquares.weighted)).toBeLessThan(EPS);
  });

  test("columns of very different units are no difficulty", () => {
    const units = [1e-9, 1e6, 1, 1e3, 1e-4, 10, 1e8];
    const scaled = matrix.map((value, i) => value * units[i % cols]);
    const { solution, method } = solveLeastSquares({ matrix: scaled, rows, cols, rhs });
    expect(method).toBe("cholesky");
    const back = solution.map((value, i) => value * units[i]);
    expect(largestDifference(back, reference.leastSquares.plain)).toBeLessThan(1e-12);
  });

  test("nearly dependent columns go through QR and keep their digits", () => {
    const e = 1e-6;
    const a = Float64Array.of(1, 1, e, 0, 0, e);
    const found = solveLeastSquares({ matrix: a, rows: 3, cols: 2, rhs: [2, e, e] });
    expect(found.method).toBe("qr");
    // Condition number 1.4e6 times rounding; the normal equations would leave 1e-4.
    expect(largestDifference(found.solution, [1, 1])).toBeLessThan(1e-9);
  });

  test("without full rank the shortest minimizer is found", () => {
    const under = { matrix: matrix.slice(0, 3 * cols), rows: 3, cols, rhs: rhs.slice(0, 3) };
    const found = solveLeastSquares(under);
    expect(found.method).toBe("svd");
    expect(largestDifference(found.solution, reference.leastSquares.under)).toBeLessThan(1e-12);
    const twice = solveLeastSquares({
      matrix: Float64Array.of(1, 1, 2, 2, 3, 3),
      rows: 3,
      cols: 2,
      rhs: [2, 4, 6],
    });
    expect(largestDifference(twice.solution, [1, 1])).toBeLessThan(1e-12);
  });

  test("Tikhonov weights alone give zero; a weight makes fewer rows enough", () => {
    const none = { matrix: new Float64Array(0), rows: 0, cols: 2, rhs: [] };
    expect([...solveLeastSquares({ ...none, tikhonov: [1, 2] }).solution]).toEqual([0, 0]);
    expect([...solveLeastSquares(none).solution]).toEqual([0, 0]);
    // min (x + y − 3)² + x² + y²: x = y = 1.
    const one = { matrix: Float64Array.of(1, 1), rows: 1, cols: 2, rhs: [3], tikhonov: [1, 1] };
    expect(largestDifference(solveLeastSquares(one).solution, [1, 1])).toBeLessThan(EPS);
  });

  test("errors", () => {
    const problem = { matrix, rows, cols, rhs };
    expect(() => solveLeastSquares({ ...problem, rows: 39 })).toThrow(RangeError);
    expect(() => solveLeastSquares({ ...problem, cols: 0 })).toThrow(/cols ≥ 1/);
    expect(() => solveLeastSquares({ ...problem, rhs: [1] })).toThrow(/rhs of length 40, got 1/);
    expect(() => solveLeastSquares({ ...problem, tikhonov: [1] })).toThrow(/tikhonov/);
    const bad = matrix.slice();
    bad[5] = Number.POSITIVE_INFINITY;
    expect(() => solveLeastSquares({ ...problem, matrix: bad })).toThrow(/index 5/);
    expect(() => solveLeastSquares({ ...problem, rhs: rhs.map(() => Number.NaN) })).toThrow(/rhs/);
    const t = tikhonov.map(() => Number.POSITIVE_INFINITY);
    expect(() => solveLeastSquares({ ...problem, tikhonov: t })).toThrow(/finite tikhonov/);
  });
});

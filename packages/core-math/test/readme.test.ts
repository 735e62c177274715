import { createNearestIndex, findNearest, levenbergMarquardt } from "@headform/core-math";
import { expect, test } from "vitest";

test("the README's example prints what it says", () => {
  const x = [0, 1, 2, 3, 4, 5];
  const y = [1, 3, 5, 70, 9, 11];
  const { solution, status } = levenbergMarquardt({
    initial: [0, 0],
    residualCount: 6,
    loss: "cauchy",
    lossScale: 0.1,
    residuals: ([a, b], out) =>
      x.forEach((xi, i) => {
        out[i] = a * xi + b - y[i];
      }),
    jacobian: (_, out) =>
      x.forEach((xi, i) => {
        out.set([xi, 1], 2 * i);
      }),
  });
  expect([status, solution[0].toFixed(3), solution[1].toFixed(3)]).toEqual([
    "converged",
    "2.000",
    "1.000",
  ]);
  const index = createNearestIndex([0, 0, 0, 1, 1, 1, 5, 5, 5], 3);
  expect([...findNearest(index, [2, 1, 1, 4, 4, 4]).indices]).toEqual([1, 2]);
});

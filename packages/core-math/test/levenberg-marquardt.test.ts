import { type LevenbergMarquardtProblem, levenbergMarquardt } from "@headform/core-math";
import { describe, expect, test } from "vitest";
import { largestDifference, reference } from "./reference.ts";

const { x: xs, y: ys, losses } = reference.decay;

/** y = p₀·exp(−p₁·x) + p₂. */
const decay: LevenbergMarquardtProblem = {
  initial: [1, 1, 0],
  residualCount: xs.length,
  residuals: (p, out) => {
    for (let i = 0; i < xs.length; i++) out[i] = p[0] * Math.exp(-p[1] * xs[i]) + p[2] - ys[i];
  },
  jacobian: (p, out) => {
    for (let i = 0; i < xs.length; i++) {
      const e = Math.exp(-p[1] * xs[i]);
      out.set([e, -p[0] * xs[i] * e, 1], 3 * i);
    }
  },
};

/** Rosenbrock's valley, minimum 0 at (1, 1). */
const rosenbrock: LevenbergMarquardtProblem = {
  initial: [-1.2, 1],
  residualCount: 2,
  residuals: ([x, y], out) => out.set([10 * (y - x * x), 1 - x]),
  jacobian: ([x], out) => out.set([-20 * x, 10, -1, 0]),
};

describe("agrees with SciPy", () => {
  test.each(["squared", "huber", "cauchy"] as const)("%s loss", (loss) => {
    const found = levenbergMarquardt({ ...decay, loss, lossScale: loss === "squared" ? 1 : 0.1 });
    expect(found.status).toBe("converged");
    // The cost is flat at its minimum: a relative change of 1e-12 in it is 1e-6 in x. The robust
    // losses are minimized by reweighting, which closes in linearly.
    expect(largestDifference(found.solution, losses[loss].solution)).toBeLessThan(2e-5);
    expect(found.cost / losses[loss].cost).toBeCloseTo(1, 9);
  });

  test("Tukey's loss forgets the outliers", () => {
    const start = levenbergMarquardt({ ...decay, loss: "cauchy", lossScale: 0.1 }).solution;
    const found = levenbergMarquardt({ ...decay, initial: start, loss: "tukey", lossScale: 0.25 });
    // Made of 3, 0.8, 0.5 with noise of 0.05 on 35 good samples: two standard errors of p₀.
    expect(largestDifference(found.solution, [3, 0.8, 0.5])).toBeLessThan(0.1);
    // Five outliers cost scale²/6 each, however far they are.
    expect(found.cost).toBeGreaterThan((5 * 0.25 ** 2) / 6);
    expect(found.cost).toBeLessThan((5 * 0.25 ** 2) / 6 + 35 * 0.05 ** 2);
  });
});

describe("ends", () => {
  test("a valley, to the last digit", () => {
    const found = levenbergMarquardt(rosenbrock);
    expect(found.status).toBe("converged");
    expect(largestDifference(found.solution, [1, 1])).toBeLessThan(1e-10);
    expect(found.iterations).toBeLessThan(40);
  });

  test("at once when the start is the minimum", () => {
    const found = levenbergMarquardt({ ...rosenbrock, initial: [1, 1] });
    expect(found).toMatchObject({ status: "converged", iterations: 0, cost: 0 });
  });

  test("max-iterations, with the best so far", () => {
    const found = levenbergMarquardt({ ...rosenbrock, maxIterations: 3 });
    expect(found).toMatchObject({ status: "max-iterations", iterations: 3 });
    // ½(10·(1 − 1.44))² + ½(2.2)² at the start.
    expect(found.cost).toBeLessThan(12.1);
  });

  test("stalled when the Jacobian points the wrong way", () => {
    const found = levenbergMarquardt({
      ...rosenbrock,
      jacobian: ([x], out) => out.set([20 * x, -10, 1, 0]),
    });
    expect(found.status).toBe("stalled");
    expect([...found.solution]).toEqual([-1.2, 1]);
  });

  test("steps into nowhere are refused", () => {
    const found = levenbergMarquardt({
      initial: [5],
      residualCount: 1,
      residuals: ([x], out) => out.set([Math.log(x)]),
      jacobian: ([x], out) => out.set([1 / x]),
    });
    expect(found.solution[0]).toBeCloseTo(1, 10);
  });

  test("an unknown that nothing depends on stays", () => {
    const found = levenbergMarquardt({
      initial: [4, 7],
      residualCount: 1,
      residuals: ([x], out) => out.set([x - 1]),
      jacobian: (_, out) => out.set([1, 0]),
    });
    expect(found.solution[0]).toBeCloseTo(1, 10);
    expect(found.solution[1]).toBe(7);
  });
});

describe("options", () => {
  test("bounds hold, and the rest is minimized on them", () => {
    const found = levenbergMarquardt({ ...rosenbrock, upper: [0.5, Infinity], lower: [-2, -2] });
    // On x = ½ the valley's floor is y = x².
    expect(found.status).toBe("converged");
    expect(found.solution[0]).toBe(0.5);
    expect(found.solution[1]).toBeCloseTo(0.25, 8);
  });

  test("a block is one distance: the loss turns with the plane", () => {
    const targets = [0, 0, 1, 0, 0, 1, 40, 30];
    const solve = (angle: number): number[] => {
      const [c, s] = [Math.cos(angle), Math.sin(angle)];
      const turned = targets.map((value, i) =>
        i % 2 === 0 ? c * value - s * targets[i + 1] : s * targets[i - 1] + c * value,
      );
      const { solution } = levenbergMarquardt({
        initial: [0, 0],
        residualCount: 8,
        blockSize: 2,
        loss: "cauchy",
        residuals: (x, out) =>
          turned.forEach((value, i) => {
            out[i] = x[i % 2] - value;
          }),
        jacobian: (_, out) =>
          turned.forEach((_v, i) => {
            out[2 * i + (i % 2)] = 1;
          }),
      });
      return [c * solution[0] + s * solution[1], -s * solution[0] + c * solution[1]];
    };
    // Reweighting closes in linearly; 1e-5 is where the cost no longer tells.
    expect(largestDifference(solve(0), solve(0.7))).toBeLessThan(1e-5);
  });

  test("residuals after robustCount stay squared", () => {
    const solve = (robustCount: number): number =>
      levenbergMarquardt({
        initial: [0],
        residualCount: 2,
        robustCount,
        loss: "tukey",
        residuals: ([x], out) => out.set([x, x - 100]),
        jacobian: (_, out) => out.set([1, 1]),
      }).solution[0];
    expect(solve(2)).toBeCloseTo(0, 8);
    expect(solve(1)).toBeCloseTo(100, 8);
  });
});

test("errors", () => {
  const run = (change: Partial<LevenbergMarquardtProblem>) => () =>
    levenbergMarquardt({ ...rosenbrock, ...change });
  expect(run({ initial: [] })).toThrow(/number of unknowns ≥ 1/);
  expect(run({ initial: [Number.NaN, 1] })).toThrow(/finite initial/);
  expect(run({ residualCount: 0 })).toThrow(RangeError);
  expect(run({ maxIterations: -1 })).toThrow(RangeError);
  expect(run({ blockSize: 0 })).toThrow(RangeError);
  expect(run({ robustCount: -1 })).toThrow(RangeError);
  expect(run({ robustCount: 3 })).toThrow(/robustCount ≤ 2/);
  expect(run({ blockSize: 2, robustCount: 1 })).toThrow(/divisible by blockSize 2/);
  expect(run({ lossScale: 0 })).toThrow(/lossScale > 0/);
  expect(run({ lower: [0] })).toThrow(/lower of length 2, got 1/);
  expect(run({ upper: [0] })).toThrow(/upper of length 2, got 1/);
  expect(run({ lower: [2, 2], upper: [3, 1] })).toThrow(/at index 1/);
  expect(run({ residuals: (_, out) => out.fill(Number.NaN) })).toThrow(/residuals at the start/);
});

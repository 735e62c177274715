export { choleskyFactor, choleskySolve } from "./cholesky.ts";
export type { GramKernel, GramKernelOptions } from "./gram-kernel.ts";
export { createGramKernel, GRAM_KERNEL_DEFAULTS, gramMatrix } from "./gram-kernel.ts";
export type {
  LevenbergMarquardtProblem,
  LevenbergMarquardtResult,
  LevenbergMarquardtTolerances,
} from "./levenberg-marquardt.ts";
export { LEVENBERG_MARQUARDT_DEFAULTS, levenbergMarquardt } from "./levenberg-marquardt.ts";
export type { FindNearestOptions, NearestIndex, NearestResult } from "./nearest.ts";
export { createNearestIndex, findNearest } from "./nearest.ts";
export type { Random } from "./random.ts";
export { createRandom } from "./random.ts";
export type { RobustLoss } from "./robust-loss.ts";
export * from "./rotation.ts";
export type { LeastSquaresProblem, LeastSquaresSolution } from "./solve-least-squares.ts";
export { solveLeastSquares } from "./solve-least-squares.ts";
export { symmetricRankK } from "./symmetric-rank-k.ts";
export type { KernelInstance, KernelModule } from "./wasm-kernel.ts";
export { compileKernel, instantiateKernel, WASM_PAGE } from "./wasm-kernel.ts";

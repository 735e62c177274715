import { applySimilarity, invertSimilarity, type Similarity } from "@headform/mesh";
import { evaluate } from "../evaluate.ts";
import { evaluateSurfacePoints } from "../evaluate-surface-points.ts";
import type { PcaModel } from "../pca-model.ts";
import type { SkinnedCoefficients, SkinnedModel } from "../skinned-model.ts";
import { sizeOf } from "./choose-landmarks.ts";
import type { Correspondence } from "./fit-correspondence.ts";
import { checkPositive } from "./fit-landmarks-3d.ts";
import { fitPoints } from "./fit-points.ts";
import {
  type FittedPose,
  type HeadUnknowns,
  headOf,
  headUnknowns,
  unknownsOf,
} from "./head-unknowns.ts";
import { vertexPoints } from "./landmark-points.ts";

/** Options of {@link transferCoefficients}. */
export interface TransferCoefficientsOptions {
  /**
   * Displacement, in the unit of `to`, that weighs as much as one prior standard deviation of a
   * coefficient, see the defaults.
   */
  readonly regularization?: number;
  /** Greatest number of vertices that take part, spread evenly over their list. */
  readonly maximum?: number;
}

/** The coefficients in the other model, and what it cannot express. */
export interface TransferredCoefficients extends FittedPose {
  /** Root mean square distance of the neutral head, in the unit of `to`. */
  readonly shapeResidual: number;
  /** Root mean square of what is left of the expression's displacements, in the unit of `to`. */
  readonly expressionResidual: number;
}

/** Defaults of {@link transferCoefficients}; regularization by size (0.1 mm on a head). */
export const TRANSFER_COEFFICIENTS_DEFAULTS: {
  readonly regularization: number;
  readonly maximum: number;
} = { regularization: 1e-3, maximum: 2000 };

/** Joints whose turning is handed on as it is where both models have them. */
const SHARED_JOINTS: readonly string[] = ["leftEye", "rightEye"];

/**
 * Coefficients of one model as those of another. The neutral head gives the shape; what expression
 * and jaw then move is given, as displacements, to the expressions and the jaw of the other, so that
 * no difference between the two neutral heads ends up as an expression.
 *
 * Turns of root and neck belong to the camera and are not carried; eyes are where both have them.
 *
 * @param map from {@link fitCorrespondence}
 * @param coefficients of `map.from`: shape, expression, for a skinned model pose and eyelids
 * @throws RangeError for coefficients that `evaluate` refuses, or an option out of range
 */
export function transferCoefficients(
  map: Correspondence,
  coefficients: SkinnedCoefficients,
  options: TransferCoefficientsOptions = {},
): TransferredCoefficients {
  const verb = "transferCoefficients";
  const { from, to } = map;
  const { maximum } = { ...TRANSFER_COEFFICIENTS_DEFAULTS, ...options };
  checkPositive(verb, "maximum", maximum);
  const rest = evaluate(to);
  const lambda =
    options.regularization ?? TRANSFER_COEFFICIENTS_DEFAULTS.regularization * sizeOf(rest, 3);
  checkPositive(verb, "regularization", lambda);
  // 1. The vertices that take part; together they weigh as much as a thousand.
  const vertices = chosenVertices(map.weights, maximum);
  const at = vertexPoints(verb, to.indices, vertices);
  const precisions = Float64Array.from(
    vertices,
    (v) => (map.weights[v] * Math.min(1, 1000 / vertices.length)) / lambda ** 2,
  );
  const solve = (
    unknowns: HeadUnknowns,
    targets: Float64Array,
    base: SkinnedCoefficients,
  ): FittedPose => {
    const start = { x: unknownsOf(unknowns, base), similarity: IDENTITY };
    const { state } = fitPoints(unknowns, { at, targets, precisions }, start, "none", 20, base);
    return headOf(unknowns, state.x, base);
  };
  const residual = (head: SkinnedCoefficients, targets: Float64Array): number => {
    const found = pointsOf(evaluate(to, head), vertices);
    let squared = 0;
    for (let i = 0; i < found.length; i++) squared += (found[i] - targets[i]) ** 2;
    return Math.sqrt(squared / vertices.length);
  };
  // 2. Shape of the neutral head.
  const { shape = [], expression = [], eyelids } = coefficients;
  const back = invertSimilarity(map.similarity);
  const seen = (head: SkinnedCoefficients): Float64Array => {
    const surface = evaluateSurfacePoints(evaluate(from, head), from.indices, map.points);
    return pointsOf(applySimilarity(back, surface), vertices);
  };
  const neutral = seen({ shape });
  const still = headUnknowns(verb, to, { expressionCount: 0, joints: [], eyelids: false });
  const base = solve(still, neutral, {});
  const atRest = pointsOf(evaluate(to, base), vertices);
  // 3. Expression, jaw and eyelids of what moves.
  const pose = carriedPose(from, coefficients.pose);
  const moved = seen({ shape, expression, ...(pose && { pose }), ...(eyelids && { eyelids }) });
  const targets = moved.map((value, i) => atRest[i] + value - neutral[i]);
  const started = { ...base, ...sharedPose(from, to, coefficients.pose) };
  const moving = headUnknowns(verb, to, { shapeCount: 0 });
  const head = solve(moving, targets, started);
  return {
    ...head,
    shapeResidual: residual(base, neutral),
    expressionResidual: residual(head, targets),
  };
}

const IDENTITY: Similarity = {
  scale: 1,
  rotation: Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1),
  translation: new Float64Array(3),
};

function chosenVertices(weights: Float64Array, maximum: number): number[] {
  const all: number[] = [];
  for (let v = 0; v < weights.length; v++) if (weights[v] > 0) all.push(v);
  const stride = Math.max(1, all.length / Math.floor(maximum));
  return Array.from(
    { length: Math.floor(all.length / stride) },
    (_, i) => all[Math.floor(i * stride)],
  );
}

function pointsOf(positions: ArrayLike<number>, vertices: readonly number[]): Float64Array {
  return Float64Array.from(
    { length: 3 * vertices.length },
    (_, i) => positions[3 * vertices[Math.floor(i / 3)] + (i % 3)],
  );
}

/** The pose without root and neck. */
function carriedPose(
  model: PcaModel | SkinnedModel,
  pose: ArrayLike<number> | undefined,
): Float64Array | undefined {
  if (model.kind === "pca" || !pose) return undefined;
  const out = Float64Array.from(pose);
  model.jointNames.forEach((name, joint) => {
    if (joint === 0 || name === "neck") out.fill(0, 3 * joint, 3 * joint + 3);
  });
  return out;
}

/** The turns that both models have. */
function sharedPose(
  from: PcaModel | SkinnedModel,
  to: PcaModel | SkinnedModel,
  pose: ArrayLike<number> | undefined,
): { readonly pose?: Float64Array } {
  if (from.kind === "pca" || to.kind === "pca" || !pose) return {};
  const out = new Float64Array(3 * to.parents.length);
  for (const name of SHARED_JOINTS) {
    const [a, b] = [from.jointNames.indexOf(name), to.jointNames.indexOf(name)];
    if (a < 0 || b < 0) continue;
    for (let axis = 0; axis < 3; axis++) out[3 * b + axis] = pose[3 * a + axis] ?? 0;
  }
  return { pose: out };
}

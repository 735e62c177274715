import type { Coefficients, PcaModel } from "../pca-model.ts";
import type { SkinnedCoefficients, SkinnedModel } from "../skinned-model.ts";

/** Which numbers of a head a fit may move. */
export interface HeadUnknownsOptions {
  /** Number of leading shape coefficients; all unless told. */
  readonly shapeCount?: number;
  /** Number of leading expression coefficients; all unless told. */
  readonly expressionCount?: number;
  /** Joints of a skinned model that turn; the one named jaw unless told. */
  readonly joints?: readonly number[];
  /** Whether the eyelids of a skinned model that has them close; they do unless told. */
  readonly eyelids?: boolean;
}

/** Columns of a fit: shapes, expressions, three per joint, two eyelids; with their priors and bounds. */
export interface HeadUnknowns {
  readonly model: PcaModel | SkinnedModel;
  readonly shapeCount: number;
  readonly expressionCount: number;
  readonly joints: readonly number[];
  readonly eyelids: boolean;
  readonly columns: number;
  /** [C] prior standard deviations. */
  readonly deviations: Float64Array;
  /** [C] */
  readonly lower: Float64Array;
  readonly upper: Float64Array;
}

/** Coefficients of a head that was fitted; `pose` for skinned models only. */
export interface FittedPose extends Coefficients {
  /** [Ks] shape coefficients, 0 beyond those solved for. */
  readonly shape: Float64Array;
  /** [Ke] expression coefficients, likewise. */
  readonly expression: Float64Array;
  /** [J×3] axis times angle of each joint, rad. */
  readonly pose?: Float64Array;
  /** [2] left and right eyelid, for models that have them. */
  readonly eyelids?: Float64Array;
}

/** Prior standard deviation of a joint's axis-angle numbers, rad: a jaw opens by about 0.3. */
const JOINT_DEVIATION = 0.3;
/** And of an eyelid, which closes at 1. */
const EYELID_DEVIATION = 0.5;

export function headUnknowns(
  verb: string,
  model: PcaModel | SkinnedModel,
  options: HeadUnknownsOptions = {},
): HeadUnknowns {
  const shapes = model.shapeStandardDeviations;
  const expressions = model.expressionStandardDeviations;
  const shapeCount = options.shapeCount ?? shapes.length;
  const expressionCount = options.expressionCount ?? expressions.length;
  checkCount(verb, "shapeCount", shapeCount, shapes.length);
  checkCount(verb, "expressionCount", expressionCount, expressions.length);
  const joints = model.kind === "skinned" ? (options.joints ?? jawOf(model)) : [];
  for (const joint of joints) {
    checkCount(verb, "joints", joint, (model as SkinnedModel).parents.length - 1);
  }
  const start = shapeCount + expressionCount;
  const lids = start + 3 * joints.length;
  const eyelids =
    model.kind === "skinned" && model.eyelids !== undefined && (options.eyelids ?? true);
  const columns = lids + (eyelids ? 2 : 0);
  const deviations = new Float64Array(columns).fill(JOINT_DEVIATION);
  deviations.set(shapes.subarray(0, shapeCount));
  deviations.set(expressions.subarray(0, expressionCount), shapeCount);
  deviations.fill(EYELID_DEVIATION, lids);
  const lower = new Float64Array(columns).fill(-Infinity);
  const upper = new Float64Array(columns).fill(Infinity);
  if (model.expressionRange) {
    lower.fill(model.expressionRange[0], shapeCount, start);
    upper.fill(model.expressionRange[1], shapeCount, start);
  }
  lower.fill(0, lids);
  upper.fill(1, lids);
  return { model, shapeCount, expressionCount, joints, eyelids, columns, deviations, lower, upper };
}

/** The head of a vector of unknowns [C]; what is not unknown is as in `base`. */
export function headOf(
  { model, shapeCount, expressionCount, joints, eyelids }: HeadUnknowns,
  x: Float64Array,
  base: SkinnedCoefficients = {},
): FittedPose {
  const shape = padded(base.shape, model.shapeStandardDeviations.length);
  const expression = padded(base.expression, model.expressionStandardDeviations.length);
  shape.set(x.subarray(0, shapeCount));
  expression.set(x.subarray(shapeCount, shapeCount + expressionCount));
  if (model.kind === "pca") return { shape, expression };
  const pose = padded(base.pose, 3 * model.parents.length);
  joints.forEach((joint, i) => {
    const at = shapeCount + expressionCount + 3 * i;
    pose.set(x.subarray(at, at + 3), 3 * joint);
  });
  if (!model.eyelids) return { shape, expression, pose };
  const lids = padded(base.eyelids, 2);
  if (eyelids) lids.set(x.subarray(shapeCount + expressionCount + 3 * joints.length));
  return { shape, expression, pose, eyelids: lids };
}

/** The unknowns [C] of a head, within their bounds. */
export function unknownsOf(
  { shapeCount, expressionCount, joints, eyelids, columns, lower, upper }: HeadUnknowns,
  head: SkinnedCoefficients,
): Float64Array {
  const x = new Float64Array(columns);
  for (let k = 0; k < shapeCount; k++) x[k] = head.shape?.[k] ?? 0;
  for (let k = 0; k < expressionCount; k++) x[shapeCount + k] = head.expression?.[k] ?? 0;
  for (let i = 0; i < 3 * joints.length; i++) {
    const joint = joints[Math.floor(i / 3)];
    x[shapeCount + expressionCount + i] = head.pose?.[3 * joint + (i % 3)] ?? 0;
  }
  if (eyelids) for (let i = 0; i < 2; i++) x[columns - 2 + i] = head.eyelids?.[i] ?? 0;
  return x.map((value, k) => Math.max(lower[k], Math.min(upper[k], value)));
}

function jawOf(model: SkinnedModel): number[] {
  const jaw = model.jointNames.indexOf("jaw");
  return jaw < 0 ? [] : [jaw];
}

function padded(list: ArrayLike<number> | undefined, count: number): Float64Array {
  const out = new Float64Array(count);
  if (list) out.set(list);
  return out;
}

function checkCount(verb: string, name: string, value: number, largest: number): void {
  if (!(Number.isInteger(value) && value >= 0 && value <= largest)) {
    throw new RangeError(`${verb}: expected ${name} in 0…${largest}, got ${value}`);
  }
}

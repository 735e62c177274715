import type { SkinnedModel } from "./skinned-model.ts";

/** Stage of a skinned model that a basis leads to: shape, expression, pose correctives. */
export type Stage = 0 | 1 | 2;

/**
 * The two inner loops of a skinned model with the arrays they work on. Stage 0 is the shaped
 * template, stage 1 the expressed shape, stage 2 that with pose correctives.
 */
export interface SkinningKernel {
  readonly name: "typescript" | "wasm";
  /** Three times [V×3]. */
  readonly stages: readonly [Float32Array, Float32Array, Float32Array];
  /** [V×3] */
  readonly skinned: Float32Array;
  /** Stage = the stage before it (the template before stage 0) + Σ coefficients[k]·basis[k]. */
  blend(stage: Stage, coefficients: Float64Array): void;
  /** Skinned = Σⱼ weightⱼ·(transformⱼ·stage 2); transforms [J×12] are rows of [R | t]. */
  skin(transforms: Float64Array): void;
}

/** Modes of a basis that do not rest, padded to a multiple of eight with modes of weight 0. */
export interface ActiveModes {
  readonly modes: Uint32Array;
  readonly weights: Float64Array;
}

/** Room for the active modes of `count` coefficients. */
export function createActiveModes(count: number): ActiveModes {
  const room = Math.ceil(count / 8) * 8;
  return { modes: new Uint32Array(room), weights: new Float64Array(room) };
}

/** Lists the coefficients that are not 0; returns how many, a multiple of eight. */
export function listActiveModes(out: ActiveModes, coefficients: Float64Array): number {
  let count = 0;
  for (let k = 0; k < coefficients.length; k++) {
    if (coefficients[k] === 0) continue;
    out.modes[count] = k;
    out.weights[count++] = coefficients[k];
  }
  for (; count % 8 !== 0; count++) {
    out.modes[count] = out.modes[count - 1];
    out.weights[count] = 0;
  }
  return count;
}

/** The kernel in TypeScript: runs everywhere, works on the model's own arrays. */
export function createTypeScriptKernel(model: SkinnedModel): SkinningKernel {
  const { template, skinningWeights } = model;
  const size = template.length;
  const bases = [model.shapeBasis, model.expressionBasis, model.poseBasis];
  const active = createActiveModes(Math.max(...bases.map((basis) => basis.length / size)));
  const stage = (): Float32Array => new Float32Array(size);
  const stages = [stage(), stage(), stage()] as const;
  const skinned = stage();
  return {
    name: "typescript",
    stages,
    skinned,
    blend: (at, coefficients) => {
      const count = listActiveModes(active, coefficients);
      blendRows(stages[at], at === 0 ? template : stages[at - 1], bases[at], active, count);
    },
    skin: (transforms) => skinRows(skinned, stages[2], skinningWeights, transforms),
  };
}

/**
 * Eight modes of a vertex at a time: the target is loaded and stored an eighth as often. `| 0` spares
 * V8 the checks that an index stays a small integer. Tried, for 400 modes: by numbers instead of
 * vertices 2.8 ms against 2.5, four modes 3.0, sixteen 3.5, Math.fround of each step 9,
 * a view of each mode 3.7, a copy of the basis vertex by vertex 2.6.
 */
function blendRows(
  target: Float32Array,
  source: Float32Array,
  basis: Float32Array,
  { modes, weights }: ActiveModes,
  count: number,
): void {
  const size = target.length;
  if (count === 0) target.set(source);
  for (let k = 0; k < count; k += 8) {
    const from = k === 0 ? source : target;
    const a = Math.imul(modes[k], size);
    const b = Math.imul(modes[k + 1], size);
    const c = Math.imul(modes[k + 2], size);
    const d = Math.imul(modes[k + 3], size);
    const e = Math.imul(modes[k + 4], size);
    const f = Math.imul(modes[k + 5], size);
    const g = Math.imul(modes[k + 6], size);
    const h = Math.imul(modes[k + 7], size);
    const wa = weights[k];
    const wb = weights[k + 1];
    const wc = weights[k + 2];
    const wd = weights[k + 3];
    const we = weights[k + 4];
    const wf = weights[k + 5];
    const wg = weights[k + 6];
    const wh = weights[k + 7];
    for (let i = 0; i < size; i = (i + 3) | 0) {
      target[i] =
        from[i] +
        (wa * basis[(a + i) | 0] +
          wb * basis[(b + i) | 0] +
          (wc * basis[(c + i) | 0] + wd * basis[(d + i) | 0])) +
        (we * basis[(e + i) | 0] +
          wf * basis[(f + i) | 0] +
          (wg * basis[(g + i) | 0] + wh * basis[(h + i) | 0]));
      target[i + 1] =
        from[i + 1] +
        (wa * basis[(a + i + 1) | 0] +
          wb * basis[(b + i + 1) | 0] +
          (wc * basis[(c + i + 1) | 0] + wd * basis[(d + i + 1) | 0])) +
        (we * basis[(e + i + 1) | 0] +
          wf * basis[(f + i + 1) | 0] +
          (wg * basis[(g + i + 1) | 0] + wh * basis[(h + i + 1) | 0]));
      target[i + 2] =
        from[i + 2] +
        (wa * basis[(a + i + 2) | 0] +
          wb * basis[(b + i + 2) | 0] +
          (wc * basis[(c + i + 2) | 0] + wd * basis[(d + i + 2) | 0])) +
        (we * basis[(e + i + 2) | 0] +
          wf * basis[(f + i + 2) | 0] +
          (wg * basis[(g + i + 2) | 0] + wh * basis[(h + i + 2) | 0]));
    }
  }
}

function skinRows(
  target: Float32Array,
  source: Float32Array,
  weights: Float32Array,
  transforms: Float64Array,
): void {
  const size = target.length;
  const joints = transforms.length / 12;
  for (let i = 0, w = 0; i < size; i += 3) {
    const x = source[i];
    const y = source[i + 1];
    const z = source[i + 2];
    let outX = 0;
    let outY = 0;
    let outZ = 0;
    for (let joint = 0; joint < joints; joint++, w++) {
      const weight = weights[w];
      if (weight === 0) continue;
      const t = 12 * joint;
      outX +=
        weight *
        (transforms[t] * x + transforms[t + 1] * y + transforms[t + 2] * z + transforms[t + 3]);
      outY +=
        weight *
        (transforms[t + 4] * x + transforms[t + 5] * y + transforms[t + 6] * z + transforms[t + 7]);
      outZ +=
        weight *
        (transforms[t + 8] * x +
          transforms[t + 9] * y +
          transforms[t + 10] * z +
          transforms[t + 11]);
    }
    target[i] = outX;
    target[i + 1] = outY;
    target[i + 2] = outZ;
  }
}

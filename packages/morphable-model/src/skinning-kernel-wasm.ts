import { compileKernel, instantiateKernel, type KernelModule } from "@headform/core-math";
import type { SkinnedModel } from "./skinned-model.ts";
import { createActiveModes, listActiveModes, type SkinningKernel } from "./skinning-kernel.ts";
import { SKINNING_WASM } from "./skinning-wasm-binary.ts";

interface Exports {
  blend(
    target: number,
    source: number,
    size: number,
    modes: number,
    weights: number,
    count: number,
  ): void;
  skin(
    target: number,
    source: number,
    weights: number,
    transforms: number,
    vertices: number,
    joints: number,
  ): void;
}

/** Compiled once; what a call changes is in its instance. */
const MODULE: KernelModule | undefined = /* @__PURE__ */ compileKernel(SKINNING_WASM);

/**
 * The kernel in WebAssembly with SIMD, on a copy of the model's bases in its own memory; source and
 * build are in the package's folder `kernel`. `undefined` where the platform cannot run it, or has
 * no room for the copy.
 */
export function createWasmKernel(model: SkinnedModel): SkinningKernel | undefined {
  // 1. Lay out the memory: every row starts at a multiple of 16 bytes and has a number to spare.
  const size = model.template.length;
  const joints = model.parents.length;
  const row = Math.ceil((4 * size + 4) / 16) * 16;
  const bases = [model.shapeBasis, model.expressionBasis, model.poseBasis];
  const counts = bases.map((basis) => basis.length / size);
  const active = createActiveModes(Math.max(...counts));
  let end = 0;
  const take = (length: number): number => {
    const start = end;
    end += Math.ceil(length / 16) * 16;
    return start;
  };
  const templateAt = take(row);
  const stagesAt = [take(row), take(row), take(row)];
  const skinnedAt = take(row);
  const modesAt = take(4 * active.modes.length);
  const weightsAt = take(4 * active.modes.length);
  const skinningAt = take(4 * model.skinningWeights.length);
  const transformsAt = take(64 * joints);
  const basesAt = counts.map((count) => take(count * row));

  // 2. Fill it.
  const wasm = instantiateKernel<Exports>(MODULE, end);
  if (!wasm) return undefined;
  const { buffer } = wasm;
  const { blend, skin } = wasm.exports;
  const floats = (at: number, count: number): Float32Array => new Float32Array(buffer, at, count);
  floats(templateAt, size).set(model.template);
  floats(skinningAt, model.skinningWeights.length).set(model.skinningWeights);
  for (let b = 0; b < bases.length; b++) {
    for (let k = 0; k < counts[b]; k++) {
      floats(basesAt[b] + k * row, size).set(bases[b].subarray(k * size, (k + 1) * size));
    }
  }

  // 3. Views on what changes from call to call.
  const modes = new Uint32Array(buffer, modesAt, active.modes.length);
  const weights = floats(weightsAt, active.modes.length);
  const columns = floats(transformsAt, 16 * joints);
  const stage = (at: number): Float32Array => floats(stagesAt[at], size);
  return {
    name: "wasm",
    stages: [stage(0), stage(1), stage(2)],
    skinned: floats(skinnedAt, size),
    blend: (at, coefficients) => {
      const count = listActiveModes(active, coefficients);
      for (let k = 0; k < count; k++) {
        modes[k] = basesAt[at] + active.modes[k] * row;
        weights[k] = active.weights[k];
      }
      const source = at === 0 ? templateAt : stagesAt[at - 1];
      blend(stagesAt[at], source, row, modesAt, weightsAt, count);
    },
    skin: (transforms) => {
      for (let joint = 0; joint < joints; joint++) {
        for (let axis = 0; axis < 3; axis++) {
          for (let column = 0; column < 4; column++) {
            columns[16 * joint + 4 * column + axis] = transforms[12 * joint + 4 * axis + column];
          }
        }
      }
      skin(skinnedAt, stagesAt[2], skinningAt, transformsAt, size / 3, joints);
    },
  };
}

import type { SkinnedModel } from "./skinned-model.ts";

/**
 * Refuses a skinned model whose arrays do not fit each other.
 *
 * @param where name of the calling verb, for the message
 * @throws RangeError for an array of another length than the others tell, or a parent that does not
 *   come before its child
 */
export function checkSkinnedModel(where: string, model: SkinnedModel): void {
  const size = model.template.length;
  const vertexCount = size / 3;
  const joints = model.parents.length;
  const lengths: [string, ArrayLike<unknown> | undefined, number][] = [
    ["template", model.template, 3 * Math.floor(vertexCount)],
    ["shapeBasis", model.shapeBasis, model.shapeStandardDeviations.length * size],
    ["expressionBasis", model.expressionBasis, model.expressionStandardDeviations.length * size],
    ["expressionNames", model.expressionNames, model.expressionStandardDeviations.length],
    ["poseBasis", model.poseBasis, 9 * Math.max(0, joints - 1) * size],
    ["jointRegressor", model.jointRegressor, joints * vertexCount],
    ["skinningWeights", model.skinningWeights, vertexCount * joints],
    ["jointNames", model.jointNames, joints],
    ["eyelids", model.eyelids, 2 * size],
  ];
  for (const [name, array, expected] of lengths) {
    if (array && array.length !== expected) {
      throw new RangeError(`${where}: expected ${name} of length ${expected}, got ${array.length}`);
    }
  }
  for (let joint = 0; joint < Math.max(1, joints); joint++) {
    const parent = model.parents[joint];
    if (joint === 0 ? parent !== -1 : !(parent >= 0 && parent < joint)) {
      const expected = joint === 0 ? "-1" : `0…${joint - 1}`;
      throw new RangeError(
        `${where}: expected parent ${expected} of joint ${joint}, got ${parent}`,
      );
    }
  }
}

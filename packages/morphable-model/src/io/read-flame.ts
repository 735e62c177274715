import type { SkinnedModel } from "../skinned-model.ts";
import { numbered, orientTriangles, transpose } from "./arrange.ts";
import { badModel } from "./bad-model.ts";
import { type FlameExtrasOptions, readFlameExtras } from "./flame-extras.ts";
import type { FileOf, ModelFile } from "./open-file.ts";
import { takeArray, takeFloats, toIndices } from "./take-array.ts";

/** Shape modes come first, then expressions, however many of each a user takes. */
const SHAPE_COUNT = 300;

const JOINT_NAMES = ["root", "neck", "jaw", "leftEye", "rightEye"];

/** Options of {@link readFlame}. */
export interface FlameOptions extends FlameExtrasOptions {
  /** Modes of `shapedirs` that are shape; those after them are expression. 300 unless told. */
  readonly shapeCount?: number;
}

/** The table of a FLAME model among files. */
export function findFlame(files: readonly ModelFile[]): FileOf<"table"> | undefined {
  return files.find(
    (file): file is FileOf<"table"> => file.kind === "table" && file.table.has("v_template"),
  );
}

/**
 * FLAME 2017, 2019, 2020, 2023, without jaw, or Open: `.pkl` or an `.npz` of the same keys, and what
 * is published beside it (masks, embeddings of landmarks, template with texture coordinates, eyelids).
 * Meters; its frame is ours. Both bases are scaled to one standard deviation.
 *
 * @see Li et al., Learning a model of facial shape and expression from 4D scans, 2017, section 4
 */
export function readFlame(files: readonly ModelFile[], options: FlameOptions = {}): SkinnedModel {
  const main = findFlame(files);
  if (!main) throw badModel("no file holds v_template");
  const { table } = main;
  const { data: template, shape } = takeFloats(table, "v_template", [undefined, 3]);
  const vertexCount = shape[0];
  const size = 3 * vertexCount;

  // 1. Bases [V×3×K], mode by mode.
  const modes = takeFloats(table, "shapedirs", [vertexCount, 3, undefined]);
  const modeCount = modes.shape[2];
  const shapeCount = Math.min(options.shapeCount ?? SHAPE_COUNT, modeCount);
  const byMode = transpose(modes.data, size, modeCount);
  const weights = takeFloats(table, "weights", [vertexCount, undefined]);
  const jointCount = weights.shape[1];
  const poseCount = 9 * (jointCount - 1);
  const correctives = takeFloats(table, "posedirs", [vertexCount, 3, poseCount]).data;

  // 2. Joints. The root's parent is −1, which unsigned integers hold as their largest.
  const tree = takeArray(table, "kintree_table", [2, jointCount]);
  const parents = Int32Array.from({ length: jointCount }, (_, j) => {
    const parent = Number(tree.data[j]);
    return parent >= 0 && parent < jointCount ? parent : -1;
  });
  const triangles = toIndices("f", takeArray(table, "f", [undefined, 3]).data, vertexCount);
  const indices = orientTriangles(template, triangles);
  return {
    kind: "skinned",
    name: "FLAME",
    version: "",
    licence: "",
    unit: "m",
    template,
    indices,
    shapeBasis: byMode.slice(0, shapeCount * size),
    shapeStandardDeviations: new Float32Array(shapeCount).fill(1),
    expressionBasis: byMode.slice(shapeCount * size),
    expressionStandardDeviations: new Float32Array(modeCount - shapeCount).fill(1),
    expressionNames: numbered("expression", modeCount - shapeCount),
    poseBasis: transpose(correctives, size, poseCount),
    jointRegressor: takeFloats(table, "J_regressor", [jointCount, vertexCount]).data,
    skinningWeights: weights.data,
    parents,
    jointNames: jointCount === JOINT_NAMES.length ? JOINT_NAMES : numbered("joint", jointCount),
    ...readFlameExtras(files, main, indices, vertexCount, options),
  };
}

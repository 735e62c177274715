import type { PcaModel } from "../pca-model.ts";
import type { SkinnedModel, SurfacePoints } from "../skinned-model.ts";
import { badModel } from "./bad-model.ts";

/**
 * Refuses a model that contradicts itself, whatever file it came from.
 *
 * @throws MorphableModelError "bad-file" when lengths do not agree, an index points nowhere, a number
 *   is not finite, a deviation is not above 0, or a joint does not come after its parent
 */
export function checkModel<Model extends PcaModel | SkinnedModel>(model: Model): Model {
  const positions = model.kind === "pca" ? model.mean : model.template;
  const size = positions.length;
  const vertexCount = size / 3;
  if (size === 0 || size % 3 !== 0) throw badModel(`${size} numbers are no vertices`);
  const triangleCount = model.indices.length / 3;

  // 1. What both kinds have.
  checkFinite("vertices", positions, size);
  checkIndices("triangles", model.indices, vertexCount, 3 * Math.floor(triangleCount));
  checkFinite("shapeBasis", model.shapeBasis, size * model.shapeStandardDeviations.length);
  const expressionCount = model.expressionNames.length;
  checkFinite("expressionBasis", model.expressionBasis, size * expressionCount);
  checkPositive("shapeStandardDeviations", model.shapeStandardDeviations);
  checkPositive("expressionStandardDeviations", model.expressionStandardDeviations);
  if (model.expressionStandardDeviations.length !== expressionCount) {
    throw badModel(`${expressionCount} names for other expressions`);
  }
  if (model.uvs) {
    checkFinite(
      "uvs",
      model.uvs,
      model.uvIndices ? 2 * Math.floor(model.uvs.length / 2) : 2 * vertexCount,
    );
    if (model.uvIndices) {
      checkIndices("uvIndices", model.uvIndices, model.uvs.length / 2, model.indices.length);
    }
  }

  // 2. What each has of its own.
  if (model.kind === "pca") {
    const { landmarkTriangles: triangles, landmarkBarycentrics: barycentrics } = model;
    checkPoints("landmarks", { triangles, barycentrics }, triangleCount);
    if (model.landmarkNumbers) {
      checkIndices("landmarkNumbers", model.landmarkNumbers, 68, triangles.length);
    }
    if (model.mirror) checkIndices("mirror", model.mirror, vertexCount, vertexCount);
    if (model.regions) {
      checkIndices("regions", model.regions, model.regionNames?.length ?? 0, vertexCount);
    }
    if (model.albedoModes) checkAlbedo(model);
    if (model.contour) {
      const { yaws, triangles, barycentrics } = model.contour;
      checkFinite("contour/yaws", yaws, yaws.length);
      if (triangles.length !== 17 * yaws.length) throw badModel("contour of other yaws");
      checkPoints("contour", { triangles, barycentrics }, triangleCount);
    }
    if (model.color) {
      const { mean, basis, standardDeviations } = model.color;
      checkFinite("color/mean", mean, size);
      checkFinite("color/basis", basis, size * standardDeviations.length);
      checkPositive("color/standardDeviations", standardDeviations);
    }
  } else checkSkin(model, size, triangleCount);
  return model;
}

function checkAlbedo({ albedo, albedoModes: modes }: PcaModel): void {
  if (!albedo || !modes) throw badModel("albedo modes without an albedo");
  for (const [name, { basis, width, height, rectangle }, count] of [
    ["skin", modes.skin, modes.skinRange.length / 2],
    ["eyes", modes.eyes, modes.eyeNames.length],
  ] as const) {
    checkFinite(`albedoModes/${name}`, basis, 3 * width * height * count);
    const [left, top, columns, rows] = rectangle;
    const inside = left >= 0 && top >= 0 && left + columns <= albedo.width;
    if (!rectangle.every(Number.isInteger) || !inside || top + rows > albedo.height) {
      throw badModel(`albedoModes/${name} lies outside the albedo`);
    }
  }
}

function checkSkin(model: SkinnedModel, size: number, triangleCount: number): void {
  const vertexCount = size / 3;
  const jointCount = model.parents.length;
  if (jointCount === 0) throw badModel("there are no joints");
  if (model.jointNames.length !== jointCount) throw badModel("names for other joints");
  checkFinite("poseBasis", model.poseBasis, 9 * (jointCount - 1) * size);
  checkFinite("jointRegressor", model.jointRegressor, jointCount * vertexCount);
  checkFinite("skinningWeights", model.skinningWeights, vertexCount * jointCount);
  for (let j = 0; j < jointCount; j++) {
    const parent = model.parents[j];
    if (!(j === 0 ? parent === -1 : parent >= 0 && parent < j)) {
      throw badModel(`joint ${j} has parent ${parent}`);
    }
  }
  const { landmarks, eyelids, masks } = model;
  if (landmarks) {
    checkPoints("landmarks", landmarks.static, triangleCount);
    if (landmarks.dynamicContour) checkPoints("contour", landmarks.dynamicContour, triangleCount);
    if (landmarks.full) checkPoints("all 68 landmarks", landmarks.full, triangleCount);
    if (landmarks.mediapipe) checkPoints("mediapipe", landmarks.mediapipe, triangleCount);
  }
  if (eyelids) checkFinite("eyelids", eyelids, 2 * size);
  for (const [name, mask] of masks ?? []) checkIndices(name, mask, vertexCount, mask.length);
}

function checkPoints(name: string, points: SurfacePoints, triangleCount: number): void {
  checkIndices(name, points.triangles, triangleCount, points.triangles.length);
  checkFinite(name, points.barycentrics, 3 * points.triangles.length);
}

function checkFinite(name: string, values: Float32Array, length: number): void {
  if (values.length !== length)
    throw badModel(`${name} has ${values.length} numbers, not ${length}`);
  for (let i = 0; i < length; i++) {
    if (!Number.isFinite(values[i])) throw badModel(`${name} holds ${values[i]} at ${i}`);
  }
}

function checkPositive(name: string, values: Float32Array): void {
  for (const value of values) {
    if (!(value > 0 && value < Infinity)) throw badModel(`${name} holds ${value}`);
  }
}

function checkIndices(
  name: string,
  values: ArrayLike<number>,
  limit: number,
  length: number,
): void {
  if (values.length !== length)
    throw badModel(`${name} has ${values.length} numbers, not ${length}`);
  for (let i = 0; i < length; i++) {
    if (values[i] >= limit) throw badModel(`${name} holds ${values[i]} of ${limit}`);
  }
}

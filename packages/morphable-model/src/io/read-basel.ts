import type { MatValue } from "@headform/formats/matlab";
import type { ColorModel, PcaModel } from "../pca-model.ts";
import { landmarksAtVertices, numbered, orientTriangles, scaled } from "./arrange.ts";
import { badModel } from "./bad-model.ts";
import { takeMat, takeMatFloats, toIndices } from "./take-array.ts";

type Variables = ReadonlyMap<string, MatValue>;

/** Triangles [F×3] counted from 1, column-major. */
function takeTriangles(variables: Variables, name: string, vertexCount: number): Uint32Array {
  const { shape, data } = takeMat(variables, name);
  const count = shape[0];
  if (shape.length !== 2 || shape[1] !== 3) throw badModel(`${name} has shape ${shape.join("×")}`);
  const rows = new Float64Array(data.length);
  for (let i = 0; i < rows.length; i++) rows[i] = Number(data[(i % 3) * count + Math.floor(i / 3)]);
  return toIndices(name, rows, vertexCount, 1);
}

/** A basis [3V×K], column-major: mode by mode. */
function takeBasis(variables: Variables, name: string, size: number): Float32Array {
  const { shape, data } = takeMatFloats(variables, name);
  if (shape[0] !== size) throw badModel(`${name} has shape ${shape.join("×")}`);
  return data;
}

/**
 * The Basel Face Model 2009 (`01_MorphableModel.mat`): shape, and color where the file has it. The
 * file is in micrometers and right-handed with +Y up and +Z out of the face, colors from 0 to 255; the
 * bases are orthonormal, `shapeEV` and `texEV` are standard deviations.
 *
 * @see Paysan et al., A 3D face model for pose and illumination invariant face recognition, 2009
 */
export function readBasel2009(variables: Variables): PcaModel {
  const mean = scaled(takeMatFloats(variables, "shapeMU").data, 1e-3);
  const shapeBasis = takeBasis(variables, "shapePC", mean.length);
  const indices = takeTriangles(variables, "tl", mean.length / 3);
  const color: ColorModel | undefined = ["texMU", "texPC", "texEV"].every((name) =>
    variables.has(name),
  )
    ? {
        mean: scaled(takeMatFloats(variables, "texMU").data, 1 / 255),
        basis: takeBasis(variables, "texPC", mean.length),
        standardDeviations: scaled(takeMatFloats(variables, "texEV").data, 1 / 255),
      }
    : undefined;
  return {
    kind: "pca",
    name: "Basel Face Model",
    version: "2009",
    licence: "",
    unit: "mm",
    mean,
    indices: orientTriangles(mean, indices),
    shapeBasis,
    // An orthonormal basis has coefficients in the unit of the mean.
    shapeStandardDeviations: scaled(takeMatFloats(variables, "shapeEV").data, 1e-3),
    expressionBasis: new Float32Array(0),
    expressionStandardDeviations: new Float32Array(0),
    expressionNames: [],
    landmarkTriangles: new Uint32Array(0),
    landmarkBarycentrics: new Float32Array(0),
    ...(color && { color }),
  };
}

/**
 * The front model of Deep3DFaceReconstruction (`BFM_model_front.mat`): shape, expression and its 68
 * landmarks. The file is in decimeters; both bases are scaled to one standard deviation.
 *
 * @see Deng et al., Accurate 3D face reconstruction with weakly-supervised learning, 2019
 */
export function readDeep3d(variables: Variables): PcaModel {
  const mean = scaled(takeMatFloats(variables, "meanshape").data, 100);
  const shapeBasis = scaled(takeBasis(variables, "idBase", mean.length), 100);
  const expressionBasis = scaled(takeBasis(variables, "exBase", mean.length), 100);
  const vertexCount = mean.length / 3;
  const indices = orientTriangles(mean, takeTriangles(variables, "tri", vertexCount));
  const expressionCount = expressionBasis.length / mean.length;
  const keypoints = variables.has("keypoints")
    ? toIndices("keypoints", takeMat(variables, "keypoints").data, vertexCount, 1)
    : [];
  return {
    kind: "pca",
    name: "Deep3D front model",
    version: "2019",
    licence: "",
    unit: "mm",
    mean,
    indices,
    shapeBasis,
    shapeStandardDeviations: new Float32Array(shapeBasis.length / mean.length).fill(1),
    expressionBasis,
    expressionStandardDeviations: new Float32Array(expressionCount).fill(1),
    expressionNames: numbered("expression", expressionCount),
    ...landmarksAtVertices(keypoints, indices, vertexCount),
  };
}

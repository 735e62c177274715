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
  const columns = toIndices(name, data, vertexCount, 1);
  return columns.map((_, i) => columns[(i % 3) * count + Math.floor(i / 3)]);
}

/** Numbers of a mean: any matrix of them. */
function sizeOf(variables: Variables, name: string): number {
  return takeMat(variables, name).data.length;
}

/** Refuses bases [3V×K], column-major, of other heads than the mean's; nothing is made of them yet. */
function checkBases(variables: Variables, names: readonly string[], size: number): void {
  for (const name of names) {
    const { shape } = takeMat(variables, name);
    if (shape.length !== 2 || shape[0] !== size) {
      throw badModel(`${name} has shape ${shape.join("×")}`);
    }
  }
}

/**
 * The Basel Face Model 2009 (`01_MorphableModel.mat`): shape, and color where the file has it. The
 * file is in micrometers and right-handed with +Y up and +Z out of the face, colors from 0 to 255; the
 * bases are orthonormal, `shapeEV` and `texEV` are standard deviations.
 *
 * @see Paysan et al., A 3D face model for pose and illumination invariant face recognition, 2009
 */
export function readBasel2009(variables: Variables): PcaModel {
  const hasColor = ["texMU", "texPC", "texEV"].every((name) => variables.has(name));
  const size = sizeOf(variables, "shapeMU");
  checkBases(variables, hasColor ? ["shapePC", "texPC"] : ["shapePC"], size);
  const indices = takeTriangles(variables, "tl", size / 3);
  const mean = scaled(takeMatFloats(variables, "shapeMU"), 1e-3);
  const color: ColorModel | undefined = hasColor
    ? {
        mean: scaled(takeMatFloats(variables, "texMU"), 1 / 255),
        basis: takeMatFloats(variables, "texPC"),
        standardDeviations: scaled(takeMatFloats(variables, "texEV"), 1 / 255),
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
    shapeBasis: takeMatFloats(variables, "shapePC"),
    // An orthonormal basis has coefficients in the unit of the mean.
    shapeStandardDeviations: scaled(takeMatFloats(variables, "shapeEV"), 1e-3),
    expressionBasis: new Float32Array(0),
    expressionStandardDeviations: new Float32Array(0),
    expressionNames: [],
    landmarkTriangles: new Uint32Array(0),
    landmarkBarycentrics: new Float32Array(0),
    ...(color && { color }),
  };
}

/**
 * The front model of Deep3DFaceReconstruction (`BFM_model_front.mat`): shape, expression, its 68
 * landmarks, and color where the file has it (`meantex`, `texBase`). The file is in decimeters, colors
 * from 0 to 255; all bases are scaled to one standard deviation.
 *
 * @see Deng et al., Accurate 3D face reconstruction with weakly-supervised learning, 2019
 */
export function readDeep3d(variables: Variables): PcaModel {
  const hasColor = ["meantex", "texBase"].every((name) => variables.has(name));
  const size = sizeOf(variables, "meanshape");
  checkBases(variables, ["idBase", "exBase", ...(hasColor ? ["texBase"] : [])], size);
  const vertexCount = size / 3;
  const triangles = takeTriangles(variables, "tri", vertexCount);
  const [shapeCount, expressionCount] = ["idBase", "exBase"].map(
    (name) => takeMat(variables, name).shape[1],
  );
  const mean = scaled(takeMatFloats(variables, "meanshape"), 100);
  const indices = orientTriangles(mean, triangles);
  const color: ColorModel | undefined = hasColor
    ? {
        mean: scaled(takeMatFloats(variables, "meantex"), 1 / 255),
        basis: scaled(takeMatFloats(variables, "texBase"), 1 / 255),
        standardDeviations: new Float32Array(takeMat(variables, "texBase").shape[1]).fill(1),
      }
    : undefined;
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
    shapeBasis: scaled(takeMatFloats(variables, "idBase"), 100),
    shapeStandardDeviations: new Float32Array(shapeCount).fill(1),
    expressionBasis: scaled(takeMatFloats(variables, "exBase"), 100),
    expressionStandardDeviations: new Float32Array(expressionCount).fill(1),
    expressionNames: numbered("expression", expressionCount),
    ...landmarksAtVertices(keypoints, indices, vertexCount),
    ...(color && { color }),
  };
}

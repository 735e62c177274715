import * as root from "@headform/mesh";
import * as io from "@headform/mesh/io";
import { expect, test } from "vitest";

test("the root exports the mesh and its verbs", () => {
  expect(Object.keys(root).sort()).toEqual([
    "ALIGN_ICP_DEFAULTS",
    "alignIcp",
    "applyMorphTargets",
    "applySimilarity",
    "boundsOf",
    "checkImage",
    "checkMesh",
    "closestPoints",
    "colorsFromTexture",
    "computeNormals",
    "createTriangleIndex",
    "estimateSimilarity",
    "invertSimilarity",
    "mergeMeshes",
    "refitTriangleIndex",
    "splitSeams",
    "transformMesh",
  ]);
});

test("./io exports readers and writers", () => {
  expect(Object.keys(io).sort()).toEqual([
    "MeshFormatError",
    "decodePng",
    "encodePng",
    "isMeshFormatError",
    "readGlb",
    "readObj",
    "readPly",
    "readStl",
    "writeGlb",
    "writeObj",
    "writePly",
    "writeStl",
  ]);
});

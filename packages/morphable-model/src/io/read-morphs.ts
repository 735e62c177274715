import { readGlb } from "@headform/mesh/io";
import type { PcaModel } from "../pca-model.ts";

const NO_PICTURE = { width: 1, height: 1, channels: 1, data: new Uint8Array(1) } as const;

/**
 * A binary glTF with morph targets: a head of one shape whose targets are its expressions, weights
 * from 0 to 1. Meters, as glTF is; the frame is ours.
 */
export async function readMorphs(bytes: Uint8Array): Promise<PcaModel> {
  // Pictures say nothing about the shape, and a small one may stand for a gigabyte.
  const mesh = await readGlb(bytes, { decodeTexture: async () => NO_PICTURE });
  const targets = mesh.morphTargets ?? [];
  const expressionBasis = new Float32Array(targets.length * mesh.positions.length);
  for (const [k, { offsets }] of targets.entries()) {
    expressionBasis.set(offsets, k * mesh.positions.length);
  }
  return {
    kind: "pca",
    name: "glTF",
    version: "",
    licence: "",
    unit: mesh.unit,
    mean: mesh.positions,
    indices: mesh.indices,
    ...(mesh.uvs && { uvs: mesh.uvs }),
    ...(mesh.uvIndices && { uvIndices: mesh.uvIndices }),
    shapeBasis: new Float32Array(0),
    shapeStandardDeviations: new Float32Array(0),
    expressionBasis,
    expressionStandardDeviations: new Float32Array(targets.length).fill(1),
    expressionNames: targets.map(({ name }, k) => name || `expression ${k}`),
    ...(targets.length > 0 && { expressionRange: [0, 1] as const }),
    landmarkTriangles: new Uint32Array(0),
    landmarkBarycentrics: new Float32Array(0),
  };
}

import { computeNormals, type Mesh } from "@headform/mesh";
import type { HeadDetail } from "./head-detail.ts";
import type { PcaModel } from "./pca-model.ts";

/**
 * A mesh of the head at another level of detail: positions, morph targets and colors are mixed,
 * `Xᵢ = Σ wᵢᵥ·Xᵥ`; the texture stays, as the layout does; normals are computed anew.
 *
 * @param mesh a mesh with the head's vertices, as `toMesh` makes it
 * @param detail from {@link readDetail}
 * @throws RangeError for a mesh of another number of vertices
 */
export function detailMesh(mesh: Mesh, detail: HeadDetail): Mesh {
  checkVertices("detailMesh", mesh.positions.length / 3, detail);
  const { normals, colors, texture, morphTargets, unit } = mesh;
  const positions = mixVertices(mesh.positions, detail);
  const { indices, uvs, uvIndices } = detail;
  return {
    positions,
    indices,
    unit,
    uvs,
    uvIndices,
    ...(normals && { normals: computeNormals({ positions, indices }) }),
    ...(colors && { colors: Uint8Array.from(mixVertices(colors, detail), toByte) }),
    ...(texture && { texture }),
    ...(morphTargets && {
      morphTargets: morphTargets.map((target) => ({
        ...target,
        offsets: mixVertices(target.offsets, detail),
      })),
    }),
  };
}

/**
 * The head's model at another level of detail: the same coefficients make the same head. The contour,
 * which lies on triangles of the head's own, is left out.
 *
 * @param model the head the detail belongs to
 * @param detail from {@link readDetail}
 * @throws RangeError for a model of another number of vertices
 */
export function detailModel(model: PcaModel, detail: HeadDetail): PcaModel {
  checkVertices("detailModel", model.mean.length / 3, detail);
  const { color, contour: _, ...rest } = model;
  return {
    ...rest,
    mean: mixVertices(model.mean, detail),
    indices: detail.indices,
    uvs: detail.uvs,
    uvIndices: detail.uvIndices,
    shapeBasis: mixModes(model.shapeBasis, model.shapeStandardDeviations.length, detail),
    expressionBasis: mixModes(model.expressionBasis, model.expressionNames.length, detail),
    landmarkTriangles: detail.landmarkTriangles,
    landmarkBarycentrics: detail.landmarkBarycentrics,
    mirror: detail.mirror,
    regions: detail.regions,
    ...(color && {
      color: {
        ...color,
        mean: mixVertices(color.mean, detail),
        basis: mixModes(color.basis, color.standardDeviations.length, detail),
      },
    }),
  };
}

function checkVertices(verb: string, count: number, { headVertices }: HeadDetail): void {
  if (count !== headVertices) {
    throw new RangeError(`${verb}: expected ${headVertices} vertices, got ${count}`);
  }
}

/** Mode after mode [K×V×3] → [K×N×3]. */
function mixModes(basis: Float32Array, count: number, detail: HeadDetail): Float32Array {
  const from = 3 * detail.headVertices;
  const to = 3 * (detail.starts.length - 1);
  const out = new Float32Array(count * to);
  for (let k = 0; k < count; k++) {
    out.set(mixVertices(basis.subarray(k * from, (k + 1) * from), detail), k * to);
  }
  return out;
}

/** [V×3] → [N×3] */
function mixVertices(values: ArrayLike<number>, detail: HeadDetail): Float32Array {
  const { starts, vertices, weights } = detail;
  const out = new Float32Array(3 * (starts.length - 1));
  for (let i = 0; i < out.length; i += 3) {
    let [x, y, z] = [0, 0, 0];
    for (let k = starts[i / 3]; k < starts[i / 3 + 1]; k++) {
      const from = 3 * vertices[k];
      x += weights[k] * values[from];
      y += weights[k] * values[from + 1];
      z += weights[k] * values[from + 2];
    }
    out[i] = x;
    out[i + 1] = y;
    out[i + 2] = z;
  }
  return out;
}

function toByte(value: number): number {
  return Math.max(0, Math.min(255, Math.round(value)));
}

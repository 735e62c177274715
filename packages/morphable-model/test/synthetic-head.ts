import { createRandom } from "@headform/core-math";
import type { CorrespondenceMaps, PcaModel } from "@headform/morphable-model";

/**
 * A seeded model on a subdivided icosahedron, 9 cm wide: 6 shapes and 4 expressions made of smooth
 * waves, three landmarks. No head, but everything a fit can see of one.
 */
export function syntheticHead(subdivisions = 3): PcaModel {
  const { positions, indices } = icosphere(subdivisions);
  const vertexCount = positions.length / 3;
  const mean = new Float32Array(positions.length);
  for (let v = 0; v < vertexCount; v++) {
    mean[3 * v] = 0.075 * positions[3 * v];
    mean[3 * v + 1] = 0.11 * positions[3 * v + 1];
    // A nose: without it the front is a surface of revolution that hides the pose.
    const nose = 0.02 * Math.exp(-30 * (positions[3 * v] ** 2 + positions[3 * v + 1] ** 2));
    mean[3 * v + 2] = 0.09 * positions[3 * v + 2] + (positions[3 * v + 2] > 0 ? nose : 0);
  }
  const random = createRandom(7);
  const basis = (count: number, size: number) => {
    const out = new Float32Array(count * mean.length);
    for (let k = 0; k < count; k++) {
      for (let axis = 0; axis < 3; axis++) {
        const wave = Float64Array.from({ length: 4 }, () => 3 * random.normal());
        for (let v = 0; v < vertexCount; v++) {
          const phase =
            wave[0] * positions[3 * v] +
            wave[1] * positions[3 * v + 1] +
            wave[2] * positions[3 * v + 2];
          out[k * mean.length + 3 * v + axis] = size * Math.sin(phase + wave[3]);
        }
      }
    }
    return out;
  };
  return {
    kind: "pca",
    name: "synthetic",
    version: "1",
    licence: "MIT",
    unit: "m",
    mean,
    indices,
    shapeBasis: basis(6, 0.003),
    shapeStandardDeviations: new Float32Array(6).fill(1),
    expressionBasis: basis(4, 0.005),
    expressionStandardDeviations: new Float32Array(4).fill(0.5),
    expressionNames: ["a", "b", "c", "d"],
    expressionRange: [0, 1],
    landmarkTriangles: Uint32Array.of(0, 5, 11),
    landmarkBarycentrics: Float32Array.of(1, 0, 0, 0.25, 0.25, 0.5, 0.5, 0.5, 0),
  };
}

/** Maps of N pixels in one row, one per given triangle's point, for a displacement per vertex. */
export function mapsOf(
  model: PcaModel,
  positions: Float32Array,
  points: { readonly triangles: Uint32Array; readonly barycentrics: Float64Array },
): CorrespondenceMaps {
  const width = points.triangles.length;
  const pncc = new Float32Array(3 * width);
  const offset = new Float32Array(3 * width);
  for (let i = 0; i < width; i++) {
    for (let corner = 0; corner < 3; corner++) {
      const vertex = model.indices[3 * points.triangles[i] + corner];
      const weight = points.barycentrics[3 * i + corner];
      for (let axis = 0; axis < 3; axis++) {
        const mean = model.mean[3 * vertex + axis];
        pncc[3 * i + axis] += weight * mean;
        offset[3 * i + axis] += weight * (positions[3 * vertex + axis] - mean);
      }
    }
  }
  return { width, height: 1, pncc, offset, visible: new Float32Array(width).fill(1) };
}

function icosphere(subdivisions: number): { positions: number[]; indices: Uint32Array } {
  const g = (1 + Math.sqrt(5)) / 2;
  const positions = [
    [-1, g, 0],
    [1, g, 0],
    [-1, -g, 0],
    [1, -g, 0],
    [0, -1, g],
    [0, 1, g],
    [0, -1, -g],
    [0, 1, -g],
    [g, 0, -1],
    [g, 0, 1],
    [-g, 0, -1],
    [-g, 0, 1],
  ].flatMap((p) => p.map((x) => x / Math.hypot(...p)));
  let faces = [
    [0, 11, 5],
    [0, 5, 1],
    [0, 1, 7],
    [0, 7, 10],
    [0, 10, 11],
    [1, 5, 9],
    [5, 11, 4],
    [11, 10, 2],
    [10, 7, 6],
    [7, 1, 8],
    [3, 9, 4],
    [3, 4, 2],
    [3, 2, 6],
    [3, 6, 8],
    [3, 8, 9],
    [4, 9, 5],
    [2, 4, 11],
    [6, 2, 10],
    [8, 6, 7],
    [9, 8, 1],
  ];
  for (let s = 0; s < subdivisions; s++) {
    const middles = new Map<string, number>();
    const middle = (a: number, b: number) => {
      const key = a < b ? `${a} ${b}` : `${b} ${a}`;
      const known = middles.get(key);
      if (known !== undefined) return known;
      const p = [0, 1, 2].map((axis) => positions[3 * a + axis] + positions[3 * b + axis]);
      const length = Math.hypot(...p);
      positions.push(...p.map((x) => x / length));
      middles.set(key, positions.length / 3 - 1);
      return positions.length / 3 - 1;
    };
    faces = faces.flatMap(([a, b, c]) => {
      const ab = middle(a, b);
      const bc = middle(b, c);
      const ca = middle(c, a);
      return [
        [a, ab, ca],
        [b, bc, ab],
        [c, ca, bc],
        [ab, bc, ca],
      ];
    });
  }
  return { positions, indices: Uint32Array.from(faces.flat()) };
}

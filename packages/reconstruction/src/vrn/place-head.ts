import { composeRotations, rotationFromAxisAngle } from "@headform/core-math";
import {
  alignIcp,
  applySimilarity,
  computeNormals,
  createTriangleIndex,
  estimateSimilarity,
  type Mesh,
  type Similarity,
} from "@headform/mesh";
import { evaluateLandmarks, type PcaModel } from "@headform/morphable-model";
import type { Box } from "@headform/raster";
import { boxOf } from "../box-of.ts";

/** Turns from which the head is tried, radians; ICP is safe within some 20°. */
const YAWS = [-75, -50, -25, 0, 25, 50, 75].map((degrees) => (degrees * Math.PI) / 180);
/** Points of the face that are brought onto the surface. */
const POINTS = 400;
/** Of them, the farthest that do not count: hair, a hand, what the crop cut off. */
const TRIM = 0.3;
/** How far the landmarks' middle may come from the box's, of the box's size, and how much their sizes differ. */
const STRAY = 0.25;
const GROWTH = 1.33;
/** Least cosine between a point's normal and the view, for it to be on a volume's front. */
const FACING = 0.2;
/** The jaw's seventeen landmarks lie on the outline, where a volume's front has no depth. */
const JAW = 17;
const NOWHERE = new Float64Array(3);

/**
 * Where the head stands on a surface over the photo: from several turns, and from landmarks where there
 * are some, the mean face is brought onto the surface by ICP.
 *
 * @param surface from `photoSurface`; a coarse one is enough
 * @param face box of the landmarks in photo pixels, how far the face leans (radians, counter-clockwise
 *   as seen), and the landmarks [68×2] where they are known
 * @returns model → surface, at least one, the nearest first
 */
export function placeHead(
  model: PcaModel,
  surface: Mesh,
  face: { readonly box: Box; readonly roll: number; readonly landmarks?: ArrayLike<number> },
): Similarity[] {
  const index = createTriangleIndex(surface);
  const normals = computeNormals({ positions: model.mean, indices: model.indices });
  const landmarks = evaluateLandmarks(model.mean, model);
  const front = frontDepth(surface);

  const starts = YAWS.map((yaw) => startOf(landmarks, face, yaw, front));
  const lifted = face.landmarks && liftLandmarks(landmarks, face.landmarks, front);
  if (lifted) starts.push(lifted);

  const places: { readonly similarity: Similarity; readonly residual: number }[] = [];
  for (const initial of starts) {
    const points = facingPoints(model, normals, initial);
    const found = alignIcp(points, index, { initial, trim: TRIM, scale: true, maxIterations: 25 });
    const { scale } = found.similarity;
    // A head that shrinks into a fold, or grows beyond the picture, fits anything.
    if (!(scale > 0.6 * initial.scale && scale < 1.6 * initial.scale)) continue;
    // So does one that slides off along the neck.
    if (!isNear(applySimilarity(found.similarity, landmarks), face.box, STRAY, 1.6)) continue;
    places.push({ similarity: found.similarity, residual: found.residual / scale });
  }
  if (places.length === 0) return [starts[3]];
  places.sort((a, b) => a.residual - b.residual);
  return places.map(({ similarity }) => similarity);
}

/** Whether a head's landmarks over the photo lie about where the face's box says, and are about as large. */
export function isInBox(model: PcaModel, similarity: Similarity, box: Box): boolean {
  const landmarks = evaluateLandmarks(model.mean, model);
  return isNear(applySimilarity(similarity, landmarks), box, STRAY, GROWTH);
}

function isNear(landmarks: Float64Array, box: Box, stray: number, growth: number): boolean {
  const own = boxOf(landmarks, 3);
  const size = Math.sqrt(box.width * box.height);
  const aside = own.x + own.width / 2 - box.x - box.width / 2;
  const down = -(own.y + own.height / 2) - box.y - box.height / 2;
  const grown = Math.sqrt(own.width * own.height) / size;
  return Math.hypot(aside, down) < stray * size && grown < growth && grown > 1 / growth;
}

/** The mean head turned, its landmarks' box on the face's box, its front on the surface's. */
function startOf(
  landmarks: Float64Array,
  { box, roll }: { readonly box: Box; readonly roll: number },
  yaw: number,
  front: (u: number, v: number) => number,
): Similarity {
  const rotation = composeRotations(
    rotationFromAxisAngle([0, 0, roll]),
    rotationFromAxisAngle([0, yaw, 0]),
  );
  const turned = applySimilarity({ scale: 1, rotation, translation: NOWHERE }, landmarks);
  const own = boxOf(turned, 3);
  const scale = Math.sqrt((box.width * box.height) / (own.width * own.height));
  const [u, v] = [box.x + box.width / 2, box.y + box.height / 2];
  let nearest = -Infinity;
  for (let i = 2; i < turned.length; i += 3) nearest = Math.max(nearest, turned[i]);
  // The tip of the nose is the nearest landmark: a little before what is seen at the box's middle.
  const depth = front(u, v);
  return {
    scale,
    rotation,
    translation: Float64Array.of(
      u - scale * (own.x + own.width / 2),
      -v - scale * (own.y + own.height / 2),
      depth - scale * (nearest - 0.01),
    ),
  };
}

/** The similarity that brings the inner landmarks onto the surface where they are seen. */
function liftLandmarks(
  landmarks: Float64Array,
  seen: ArrayLike<number>,
  front: (u: number, v: number) => number,
): Similarity | undefined {
  const from: number[] = [];
  const to: number[] = [];
  for (let n = JAW; n < seen.length / 2; n++) {
    const [u, v] = [seen[2 * n], seen[2 * n + 1]];
    const z = front(u, v);
    if (!Number.isFinite(u + v + z)) continue;
    from.push(...landmarks.subarray(3 * n, 3 * n + 3));
    to.push(u, -v, z);
  }
  return from.length >= 3 * 12 ? estimateSimilarity(from, to) : undefined;
}

/** Depth of a surface's front at a photo pixel: the nearest vertex in the cell around it, else the mean. */
function frontDepth({ positions }: Mesh): (u: number, v: number) => number {
  const box = boxOf(positions, 3);
  const cell = Math.max(box.width, box.height) / 48;
  const cells = new Map<string, number>();
  let [sum, count] = [0, 0];
  for (let i = 0; i < positions.length; i += 3) {
    const key = `${Math.floor(positions[i] / cell)},${Math.floor(-positions[i + 1] / cell)}`;
    cells.set(key, Math.max(cells.get(key) ?? -Infinity, positions[i + 2]));
  }
  for (const z of cells.values()) {
    sum += z;
    count++;
  }
  return (u, v) => cells.get(`${Math.floor(u / cell)},${Math.floor(v / cell)}`) ?? sum / count;
}

/** Points of the mean face, spread over it, that face the viewer when the head stands like that. */
function facingPoints(
  { mean, regions, regionNames }: PcaModel,
  normals: Float32Array,
  { rotation }: Similarity,
): Float64Array {
  const vertices: number[] = [];
  for (let v = 0; v < mean.length / 3; v++) {
    const region = regionNames?.[regions?.[v] ?? -1] ?? "faceSkin";
    if (region !== "faceSkin" && region !== "lips") continue;
    const z =
      rotation[6] * normals[3 * v] +
      rotation[7] * normals[3 * v + 1] +
      rotation[8] * normals[3 * v + 2];
    if (z > FACING) vertices.push(v);
  }
  const step = Math.max(1, vertices.length / POINTS);
  const count = Math.floor(vertices.length / step);
  return Float64Array.from({ length: 3 * count }, (_, i) => {
    const vertex = vertices[Math.floor(Math.floor(i / 3) * step)];
    return mean[3 * vertex + (i % 3)];
  });
}

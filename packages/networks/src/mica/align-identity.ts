import type { Crop } from "@headform/raster";

/** ArcFace's picture, and where in it eyes, tip of the nose and corners of the mouth are put. */
const SIDE = 112;
const TEMPLATE: readonly (readonly [number, number])[] = [
  [38.2946, 51.6963],
  [73.5318, 51.5014],
  [56.0252, 71.7366],
  [41.5493, 92.3655],
  [70.7299, 92.2041],
];
/** Which of 68 landmarks make each of the five points. */
const POINTS = [[36, 37, 38, 39, 40, 41], [42, 43, 44, 45, 46, 47], [30], [48], [54]];

/**
 * The turned square of a photo in which an identity network wants to see a face: the similarity
 * of least squares, z ↦ a·z + b in complex numbers, from ArcFace's five points to the face's.
 *
 * @param landmarks [68×stride] x and y first, photo pixels (pixel centers at half-integers)
 * @throws RangeError when there are not 68 finite landmarks, or the five points are one
 * @see Deng et al., ArcFace: Additive angular margin loss for deep face recognition, 2019
 */
export function alignIdentity(landmarks: ArrayLike<number>, stride: 2 | 3 = 2): Crop {
  if (landmarks.length !== 68 * stride) {
    throw new RangeError(
      `alignIdentity: expected landmarks [68×${stride}], got ${landmarks.length} numbers`,
    );
  }
  const seen = POINTS.map((list) =>
    [0, 1].map((axis) => mean(list.map((n) => landmarks[stride * n + axis]!))),
  );
  // The template's pixel centers are whole numbers.
  const template = TEMPLATE.map(([x, y]) => [x + 0.5, y + 0.5]);
  const [tx, ty] = [0, 1].map((axis) => mean(template.map((point) => point[axis]!))) as number[];
  const [sx, sy] = [0, 1].map((axis) => mean(seen.map((point) => point[axis]!))) as number[];
  let [real, imaginary, squared] = [0, 0, 0];
  template.forEach(([x, y], i) => {
    const [p, q] = [x! - tx!, y! - ty!];
    const [u, v] = [seen[i]![0]! - sx!, seen[i]![1]! - sy!];
    real += p * u + q * v;
    imaginary += p * v - q * u;
    squared += p * p + q * q;
  });
  const [a, b] = [real / squared, imaginary / squared];
  const scale = Math.hypot(a, b);
  if (!(scale > 0 && scale < Infinity)) {
    throw new RangeError("alignIdentity: expected finite landmarks that are not all one point");
  }
  const [dx, dy] = [SIDE / 2 - tx!, SIDE / 2 - ty!];
  return {
    centerX: sx! + a * dx - b * dy,
    centerY: sy! + b * dx + a * dy,
    side: SIDE * scale,
    rotation: Math.atan2(b, a),
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

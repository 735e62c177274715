import { type PerspectiveCamera, projectPoints } from "@headform/camera";
import { composeRotations, rotationFromEuler } from "@headform/core-math";
import { createRandom } from "@headform/testing";

/** Points of a half head, meters: an ellipsoid of 15×23×20 cm with a nose, seen from the front. */
export function headPoints(count: number, seed: number): Float64Array {
  const random = createRandom(seed);
  const points = new Float64Array(3 * count);
  for (let i = 0; i < count; i++) {
    const z = random();
    const angle = 2 * Math.PI * random();
    const r = Math.sqrt(1 - z * z);
    const [x, y] = [0.075 * r * Math.cos(angle), 0.115 * r * Math.sin(angle)];
    const nose = 0.025 * Math.exp(-((x / 0.015) ** 2) - (y / 0.02) ** 2);
    points.set([x, y + 0.01, 0.1 * z + nose - 0.02], 3 * i);
  }
  return points;
}

/** Camera of a photo of 1200×900: pose in degrees, distance in meters, head off the center. */
export function photoCamera(
  yaw: number,
  pitch: number,
  roll: number,
  distance: number,
): PerspectiveCamera {
  const angle = (degrees: number): number => (degrees * Math.PI) / 180;
  const turned = rotationFromEuler([angle(pitch), angle(yaw), 0], "ZXY");
  return {
    kind: "perspective",
    // The head fills about 300 pixels at every distance.
    focalLength: 1300 * distance,
    principalPoint: Float64Array.of(600, 450),
    rotation: composeRotations(rotationFromEuler([0, 0, angle(roll)], "ZXY"), turned),
    translation: Float64Array.of(0.08, 0.05, -distance),
  };
}

/** [N×2] pixels of the points, with normal noise of standard deviation `noise`. */
export function pixelsOf(
  camera: PerspectiveCamera,
  points: Float64Array,
  noise: number,
  seed: number,
): Float64Array {
  const random = createRandom(seed);
  const projected = projectPoints(camera, points);
  return Float64Array.from({ length: (2 * points.length) / 3 }, (_, i) => {
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    return projected[3 * (i >> 1) + (i & 1)] + noise * normal;
  });
}

/** Moves a share of the pixels anywhere in the photo; returns which. */
export function spoil(pixels: Float64Array, share: number, seed: number): Uint8Array {
  const random = createRandom(seed);
  const spoiled = new Uint8Array(pixels.length / 2);
  for (let i = 0; i < spoiled.length; i++) {
    if (random() >= share) continue;
    spoiled[i] = 1;
    pixels.set([1200 * random(), 900 * random()], 2 * i);
  }
  return spoiled;
}

/** Angle between two rotations, degrees. */
export function angleBetween(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let squares = 0;
  for (let i = 0; i < 9; i++) squares += (a[i] - b[i]) ** 2;
  // |A − B|² = 8 sin²(θ/2): keeps its digits at small angles, where the trace does not.
  return (2 * Math.asin(Math.min(1, Math.sqrt(squares / 8))) * 180) / Math.PI;
}

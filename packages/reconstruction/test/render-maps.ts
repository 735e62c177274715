import type { PerspectiveCamera } from "@headform/camera";
import { type Random, rotationFromEuler } from "@headform/core-math";
import { type CorrespondenceMaps, evaluate, type PcaModel } from "@headform/morphable-model";
import { type Crop, cropFromBox, rasterizeMesh, renderOffset, renderPncc } from "@headform/raster";

export interface SyntheticFace {
  readonly shape: Float64Array;
  readonly expression: Float64Array;
  readonly positions: Float32Array;
  readonly camera: PerspectiveCamera;
  readonly imageSize: readonly [number, number];
  readonly crop: Crop;
  readonly maps: CorrespondenceMaps;
}

/** A random head before a random camera, and the maps a perfect network would give. */
export function syntheticFace(model: PcaModel, random: Random, size = 64): SyntheticFace {
  // 1. Head: identity within a normal population, four expressions at work.
  const shape = Float64Array.from(
    { length: Math.min(60, model.shapeStandardDeviations.length) },
    () => Math.max(-2.5, Math.min(2.5, random.normal())),
  );
  const expression = new Float64Array(model.expressionNames.length);
  for (let i = 0; i < 4; i++) expression[random.integer(expression.length)] = random.uniform();
  const positions = evaluate(model, { shape, expression });
  // 2. Camera: 0.45 to 2.5 m away, turned up to 60°, the face off the photo's center.
  const distance = 0.45 * (2.5 / 0.45) ** random.uniform();
  const rotation = rotationFromEuler(
    [
      0.3 * (2 * random.uniform() - 1),
      1.05 * (2 * random.uniform() - 1),
      0.4 * (2 * random.uniform() - 1),
    ],
    "XYZ",
  );
  const imageSize = [640, 480] as const;
  const scale = 1200;
  const camera: PerspectiveCamera = {
    kind: "perspective",
    focalLength: scale * distance,
    principalPoint: Float64Array.of(imageSize[0] / 2, imageSize[1] / 2),
    rotation,
    translation: Float64Array.of(
      0.08 * (2 * random.uniform() - 1),
      0.05 * (2 * random.uniform() - 1),
      -distance,
    ),
  };
  // 3. Crop around the face, and what is seen in it.
  const crop = cropFromBox(
    {
      x: camera.principalPoint[0] + scale * camera.translation[0] - 100,
      y: camera.principalPoint[1] - scale * camera.translation[1] - 100,
      width: 200,
      height: 200,
    },
    1.5,
  );
  const zoom = size / crop.side;
  const view: PerspectiveCamera = {
    ...camera,
    focalLength: camera.focalLength * zoom,
    principalPoint: Float64Array.of(
      (camera.principalPoint[0] - crop.centerX) * zoom + size / 2,
      (camera.principalPoint[1] - crop.centerY) * zoom + size / 2,
    ),
  };
  const fragments = rasterizeMesh({ positions, indices: model.indices }, view, {
    width: size,
    height: size,
    cull: "back",
  });
  return {
    shape,
    expression,
    positions,
    camera,
    imageSize,
    crop,
    maps: {
      width: size,
      height: size,
      pncc: renderPncc(fragments, model.mean, model.indices).data,
      offset: renderOffset(fragments, positions, model.mean, model.indices).data,
      visible: Float32Array.from(fragments.triangles, (t) => {
        const region =
          t < 0 ? "" : model.regionNames?.[model.regions?.[model.indices[3 * t]] ?? -1];
        return t >= 0 && (region === undefined || FACE.includes(region)) ? 1 : 0;
      }),
    },
  };
}

const FACE: readonly (string | undefined)[] = ["faceSkin", "lips", "eyelids", "ears", "neck"];

/** Angle between two rotations, degrees. */
export function angleBetween(a: Float64Array, b: Float64Array): number {
  let trace = 0;
  for (let i = 0; i < 9; i++) trace += a[i] * b[i];
  // Near zero acos loses half of the digits; the Frobenius distance does not.
  let squared = 0;
  for (let i = 0; i < 9; i++) squared += (a[i] - b[i]) ** 2;
  const sine = Math.sqrt(squared / 8);
  return (
    ((trace > 0 ? 2 * Math.asin(Math.min(1, sine)) : Math.acos((trace - 1) / 2)) * 180) / Math.PI
  );
}

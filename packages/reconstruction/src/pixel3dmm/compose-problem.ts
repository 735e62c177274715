import type { PerspectiveCamera } from "@headform/camera";
import {
  type HeadUnknowns,
  headUnknowns,
  type PcaModel,
  type SkinnedModel,
  SURFACE_CAMERA_UNKNOWNS,
  type SurfaceObservation,
  type SurfaceProblem,
} from "@headform/morphable-model";
import type { SurfaceFitter } from "./create-surface-fitter.ts";
import type { Pixel3dmmPreset } from "./presets.ts";
import { USUAL_DISTANCE } from "./start-camera.ts";

/** Shapes, and expressions, of the first steps. */
const COARSE = 30;

/** The numbers a preset moves; all blendshapes unless counts are told. */
export function unknownsFor(
  model: PcaModel | SkinnedModel,
  { joints }: Pixel3dmmPreset,
  counts: { readonly shapeCount?: number; readonly expressionCount?: number } = {},
): HeadUnknowns {
  const names = model.kind === "skinned" ? model.jointNames : [];
  return headUnknowns("fitSurfaceMaps", model, {
    ...counts,
    joints: joints.map((name) => names.indexOf(name)).filter((joint) => joint >= 0),
  });
}

/** Terms, priors and bounds of a preset around a camera. */
export function problemOf(
  { scene, size }: SurfaceFitter,
  unknowns: HeadUnknowns,
  observation: SurfaceObservation,
  preset: Pixel3dmmPreset,
  camera: PerspectiveCamera,
  identity: ArrayLike<number> | undefined,
): SurfaceProblem {
  const { columns, shapeCount, expressionCount, joints, model } = unknowns;
  const precisions = new Float64Array(columns + SURFACE_CAMERA_UNKNOWNS);
  const centers = new Float64Array(precisions.length);
  // 1. Identity: the two pulls, towards z₀ and 0, are one towards their mean.
  const pull = preset.identity + preset.identityToMean;
  for (let k = 0; k < shapeCount; k++) {
    precisions[k] = pull / unknowns.deviations[k] ** 2;
    centers[k] = pull > 0 ? (preset.identity / pull) * (identity?.[k] ?? 0) : 0;
  }
  for (let k = shapeCount; k < shapeCount + expressionCount; k++) {
    precisions[k] = preset.expression / unknowns.deviations[k] ** 2;
  }
  joints.forEach((joint, i) => {
    const name = model.kind === "skinned" ? model.jointNames[joint] : "";
    const weight = name === "jaw" ? preset.jaw : name === "neck" ? preset.neck : preset.eyes;
    const at = shapeCount + expressionCount + 3 * i;
    precisions.fill(weight, at, at + 3);
  });
  if (unknowns.eyelids) precisions.fill(preset.eyelids, columns - 2, columns);
  // 2. Camera.
  const half = Math.max(observation.width, observation.height) / 2;
  precisions[columns + 6] = preset.distance;
  centers[columns + 6] = Math.log(USUAL_DISTANCE * size);
  precisions.fill(preset.center / half ** 2, columns + 7);
  centers.set(camera.principalPoint, columns + 7);
  const distance = preset.freeFocalLength || preset.distance > 0 ? 1 : 0;
  const center = preset.freeCenter ? 1 : 0;
  return {
    unknowns,
    observation,
    terms: preset.terms,
    precisions,
    centers,
    free: [1, 1, 1, 1, 1, 1, distance, center, center],
    softening: 0.05,
    scene,
  };
}

/** The vertices alone, not cut, with the leading coefficients. */
export function coarseProblem(
  fitter: SurfaceFitter,
  { observation, terms, softening }: SurfaceProblem,
  preset: Pixel3dmmPreset,
  camera: PerspectiveCamera,
  identity: ArrayLike<number> | undefined,
): SurfaceProblem {
  const { model } = fitter;
  const unknowns = unknownsFor(model, preset, {
    shapeCount: Math.min(COARSE, model.shapeStandardDeviations.length),
    expressionCount: Math.min(COARSE, model.expressionStandardDeviations.length),
  });
  const gentle = { ...preset, identity: Math.max(preset.identity, 0.05), expression: 0.05 };
  const coarse = problemOf(fitter, unknowns, observation, gentle, camera, identity);
  return {
    ...coarse,
    terms: {
      vertices: { weight: terms.vertices.weight > 0 ? 2000 : 0, power: 1, cut: 1 },
      normals: { ...terms.normals, weight: 0 },
      uv: { ...terms.uv, weight: 0 },
      silhouette: 0,
      points: terms.points,
    },
    free: [1, 1, 1, 1, 1, 1, 0, 0, 0],
    softening: 20 * softening,
  };
}

import { createRandom, type Random } from "@headform/core-math";
import { measurePixel3dmm } from "@headform/evaluation";
import { computeNormals, estimateSimilarity, transformMesh } from "@headform/mesh";
import {
  evaluate,
  evaluateLandmarks,
  type PcaModel,
  projectLandmarks,
  type SkinnedModel,
} from "@headform/morphable-model";
import { visibleVertices } from "@headform/raster";
import {
  createSurfaceFitter,
  type FitSurfaceMapsOptions,
  fitSurfaceMaps,
  PIXEL3DMM_PAPER,
  type Pixel3dmmPreset,
  type SurfaceFitter,
} from "@headform/reconstruction";
import {
  isSkin,
  REALISTIC,
  type SyntheticSurface,
  syntheticSurface,
  withNoise,
} from "./synthetic-maps.ts";

/** Distances of vertices from the truth, millimeters, after a similarity: pictures tell no size. */
export interface TruthErrors {
  /** Mean and largest of the skin that the camera sees, which also sets the similarity. */
  readonly seen: number;
  readonly worstSeen: number;
  /** Mean of all vertices, seen or not. */
  readonly all: number;
}

/** How far a fitted head is from the one that was rendered. */
export function truthErrors(
  model: PcaModel | SkinnedModel,
  face: SyntheticSurface,
  positions: Float32Array,
): TruthErrors {
  const { indices } = model;
  const visible = visibleVertices({ positions: face.positions, indices }, face.camera);
  const skin = isSkin(model);
  const seen = [...visible.keys()].filter((v) => visible[v] === 1 && skin(v));
  const pick = (list: Float32Array): Float32Array =>
    Float32Array.from(seen.flatMap((v) => [...list.subarray(3 * v, 3 * v + 3)]));
  const similarity = estimateSimilarity(pick(positions), pick(face.positions));
  const moved = transformMesh({ positions, indices, unit: "m" }, similarity).positions;
  const millimeters = model.unit === "mm" ? 1 : 1000;
  const distance = (v: number): number =>
    millimeters *
    Math.hypot(...[0, 1, 2].map((axis) => moved[3 * v + axis] - face.positions[3 * v + axis]));
  const distances = seen.map(distance);
  const count = moved.length / 3;
  return {
    seen: mean(distances),
    worstSeen: Math.max(...distances),
    all: mean(Array.from({ length: count }, (_, v) => distance(v))),
  };
}

/** Faces without noise, one line each; the last line has means and the worst. */
export function measureTruth(
  model: PcaModel | SkinnedModel,
  count: number,
  print: (line: string) => void,
): void {
  const fitter = createSurfaceFitter(model);
  const random = createRandom(21);
  const all: TruthErrors[] = [];
  for (let i = 0; i < count; i++) {
    const face = syntheticSurface(model, random);
    const errors = truthErrors(model, face, evaluate(model, fitSurfaceMaps(fitter, face.maps)));
    all.push(errors);
    print(
      `${model.name} ${i + 1}: seen ${errors.seen.toFixed(3)} mm (worst ${errors.worstSeen.toFixed(2)}), all ${errors.all.toFixed(2)}; ` +
        `so far mean ${mean(all.map((e) => e.seen)).toFixed(3)}, worst face ${Math.max(...all.map((e) => e.seen)).toFixed(3)}, ` +
        `below 0.1 mm ${all.filter((e) => e.seen < 0.1).length} of ${all.length}`,
    );
  }
}

const OFF = { weight: 0, power: 1, cut: 1 } as const;
const { terms } = PIXEL3DMM_PAPER;
const VARIANTS: readonly (readonly [string, Pixel3dmmPreset, "identity" | "none", boolean])[] = [
  [
    "landmarks",
    { ...PIXEL3DMM_PAPER, terms: { ...terms, vertices: OFF, normals: OFF, points: 2e5 } },
    "identity",
    true,
  ],
  ["only uv", { ...PIXEL3DMM_PAPER, terms: { ...terms, normals: OFF } }, "identity", false],
  ["only normals", { ...PIXEL3DMM_PAPER, terms: { ...terms, vertices: OFF } }, "identity", false],
  ["uv and normals", PIXEL3DMM_PAPER, "identity", false],
  ["uv and normals, no identity prior", PIXEL3DMM_PAPER, "none", false],
];

/**
 * The paper's table 5 on faces of the open head with the noise of predictions, the paper's energy; the
 * identity that is known beforehand is two thirds of the truth, and noise.
 */
export function measureAblation(
  model: PcaModel,
  count: number,
  print: (line: string) => void,
): void {
  const fitter = createSurfaceFitter(model);
  const random = createRandom(31);
  const sums = VARIANTS.map(() => ({ neutral: [] as number[][], posed: [] as number[][] }));
  for (let i = 0; i < count; i++) {
    const face = syntheticSurface(model, random, { size: 128 });
    const maps = withNoise(face.maps, REALISTIC, random);
    const identity = face.shape.map((value) => 0.67 * value + 0.4 * random.normal());
    VARIANTS.forEach(([, preset, prior, landmarks], variant) => {
      const options: FitSurfaceMapsOptions = {
        preset,
        ...(prior === "identity" && { identity }),
        ...(landmarks && { points: noisyLandmarks(model, face, random) }),
      };
      const fit = fitSurfaceMaps(fitter, maps, options);
      sums[variant].posed.push(measure(fitter, evaluate(model, fit), face.positions));
      sums[variant].neutral.push(
        measure(
          fitter,
          evaluate(model, { shape: fit.shape }),
          evaluate(model, { shape: face.shape }),
        ),
      );
    });
    print(`${i + 1} faces`);
  }
  print("| energy | neutral L1 | L2 | NC | R2.5 | posed L1 | L2 | NC | R2.5 |");
  print("| --- | --- | --- | --- | --- | --- | --- | --- | --- |");
  VARIANTS.forEach(([name], variant) => {
    const { neutral, posed } = sums[variant];
    const cells = [neutral, posed].flatMap((rows) =>
      [0, 1, 2, 3].map((c) => mean(rows.map((row) => row[c])).toFixed(c < 2 ? 2 : 3)),
    );
    print(`| ${name} | ${cells.join(" | ")} |`);
  });
}

/** The 68 landmarks as a detector would give them, off by a hundredth of the picture. */
function noisyLandmarks(
  model: PcaModel,
  face: SyntheticSurface,
  random: Random,
): NonNullable<FitSurfaceMapsOptions["points"]> {
  const { landmarkTriangles: triangles, landmarkBarycentrics: barycentrics } = model;
  const projected = projectLandmarks(model, face.positions, face.camera);
  const noise = 0.01 * face.maps.width;
  return {
    at: { triangles, barycentrics },
    pixels: Float64Array.from(
      { length: 2 * triangles.length },
      (_, i) => projected[3 * (i >> 1) + (i & 1)] + noise * random.normal(),
    ),
  };
}

/** [L1, L2, NC, R2.5] of the face's skin: every fourth vertex of the truth, against the mesh. */
function measure(
  { model }: SurfaceFitter,
  found: Float32Array,
  truth: Float32Array,
): [number, number, number, number] {
  const head = model as PcaModel;
  const millimeters = (list: ArrayLike<number>): Float32Array =>
    Float32Array.from(list, (value) => 1000 * value);
  const { indices, regions, regionNames } = head;
  const mask = Uint8Array.from(regions!, (region, v) =>
    v % 4 === 0 && /^(?:faceSkin|lips|eyelids)$/.test(regionNames![region]) ? 1 : 0,
  );
  const measures = measurePixel3dmm(
    {
      positions: millimeters(found),
      indices,
      landmarks: millimeters(evaluateLandmarks(found, head)),
    },
    {
      positions: millimeters(truth),
      normals: computeNormals({ positions: truth, indices }),
      landmarks: millimeters(evaluateLandmarks(truth, head)),
      mask,
    },
  );
  return [measures.l1, measures.l2, measures.normalConsistency!, measures.recall];
}

function mean(list: readonly number[]): number {
  return list.reduce((sum, value) => sum + value, 0) / list.length;
}

import {
  chamferDistance,
  denseNormalizedMeanError,
  type ErrorNormalization,
  establishCorrespondence,
  measureFaceScape,
  measureNow,
  measurePixel3dmm,
  measureScan,
  NOW_LANDMARKS,
  normalConsistency,
  normalizedMeanError,
  recallWithin,
  summarizeErrors,
} from "@headform/evaluation";
import { computeNormals } from "@headform/mesh";
import { Failure } from "../failure.ts";
import { type LengthUnit, type LoadedFace, loadFace } from "./load-face.ts";
import type { FacePair, Needs } from "./pair-files.ts";
import { readPoints } from "./read-points.ts";

export interface ProtocolOptions {
  readonly cwd: string;
  readonly predictionsUnit?: LengthUnit;
  readonly truthUnit?: LengthUnit;
  readonly metrical: boolean;
}

/** What is measured of one face. */
export interface FaceMeasures {
  /** Figures by their names, in the order they are printed. */
  readonly figures: Readonly<Record<string, number>>;
  /** Errors for the cumulative curve: one of the face, or those of its points. */
  readonly errors: ArrayLike<number>;
}

export interface Protocol {
  readonly name: string;
  readonly summary: string;
  /** What the two folders must hold, in words. */
  readonly expects: string;
  readonly needs: Needs;
  /** Of the curve: what its errors are, what they are multiplied by, and where it ends. */
  readonly curve: {
    readonly label: string;
    readonly counted: "faces" | "points";
    readonly scale: number;
    readonly limit: number;
  };
  readonly measure: (pair: FacePair, options: ProtocolOptions) => Promise<FaceMeasures>;
}

const LANDMARKS: Needs = { predicted: ["points"], truth: ["points"] };
const MESHES: Needs = { predicted: ["mesh"], truth: ["mesh"] };
const BOTH: Needs = { predicted: ["mesh", "points"], truth: ["mesh", "points"] };
const RECALL = 2.5;

function landmarkProtocol(
  name: string,
  summary: string,
  normalization: ErrorNormalization,
  limit: number,
): Protocol {
  return {
    name,
    summary,
    expects: "landmarks in both folders, in pixels of the photo, the same number in the same order",
    needs: LANDMARKS,
    curve: { label: "NME, %", counted: "faces", scale: 100, limit },
    measure: async ({ predicted, truth }, { cwd }) => {
      const [own, wanted] = await Promise.all(
        [predicted, truth].map((files) => readPoints(files.points as string, cwd, 2)),
      );
      const nme = normalizedMeanError(own, wanted, { normalization });
      return { figures: { "NME %": 100 * nme }, errors: [nme] };
    },
  };
}

/** Every protocol of `headform evaluate`. */
export const PROTOCOLS: readonly Protocol[] = [
  landmarkProtocol(
    "3ddfa",
    "2D landmarks, NME by √(width·height) of the true landmarks' box (AFLW2000-3D)",
    "bounding-box",
    0.1,
  ),
  landmarkProtocol(
    "interocular",
    "2D landmarks (68), NME by the outer eye corners' distance (300-W; Pix2Face figure 5)",
    "outer-interocular",
    0.1,
  ),
  landmarkProtocol(
    "menpo",
    "2D landmarks, NME by the diagonal of the true landmarks' box (Menpo)",
    "bounding-box-diagonal",
    0.05,
  ),
  {
    name: "vrn",
    summary: "surfaces, NME by the outer eye corners' distance in 3D; nothing is aligned (VRN)",
    expects:
      "meshes in one frame; in the truth also 3D landmarks, 68 or the two outer eye corners.\n" +
      "Meshes of the same triangles correspond vertex by vertex, others by ICP",
    needs: { predicted: ["mesh"], truth: ["mesh", "points"] },
    curve: { label: "NME, %", counted: "faces", scale: 100, limit: 0.1 },
    measure: measureVrn,
  },
  {
    name: "pixel3dmm",
    summary: "surfaces, L1, L2, normals, recall at 2.5 mm after landmarks and ICP (Pixel3DMM 4.2)",
    expects:
      "meshes and 3D landmarks in both folders, the same landmarks in the same order; the\n" +
      "true meshes or point clouds hold the face alone",
    needs: BOTH,
    curve: { label: "distance, mm", counted: "points", scale: 1, limit: 5 },
    measure: measureAsPixel3dmm,
  },
  {
    name: "now",
    summary: "neutral surfaces, scan to mesh after seven landmarks and the scan itself (NoW)",
    expects:
      "meshes and 3D landmarks in both folders: 68, or NoW's seven (outer and inner corner of\n" +
      "the right eye, inner and outer of the left, base of the nose, right and left mouth corner)",
    needs: BOTH,
    curve: { label: "distance, mm", counted: "points", scale: 1, limit: 7 },
    measure: measureAsNow,
  },
  {
    name: "facescape",
    summary: "surfaces unrolled onto a cylinder: CD, MNE, CR (FaceScape)",
    expects: "meshes in one frame, upright, +Z to the camera; depth alone is aligned",
    needs: MESHES,
    curve: { label: "CD, mm", counted: "faces", scale: 1, limit: 10 },
    measure: measureAsFaceScape,
  },
  {
    name: "chamfer",
    summary:
      "surfaces as they are: L1, L2 both ways, normals, recall at 2.5 mm; nothing is aligned",
    expects: "meshes in one frame",
    needs: MESHES,
    curve: { label: "distance, mm", counted: "points", scale: 1, limit: 5 },
    measure: measureAsTheyAre,
  },
];

async function load(
  { predicted, truth }: FacePair,
  { cwd, predictionsUnit, truthUnit }: ProtocolOptions,
  needed: { readonly predictions: boolean; readonly truth: boolean },
): Promise<[own: LoadedFace, wanted: LoadedFace]> {
  return [
    await loadFace(
      predicted,
      cwd,
      predictionsUnit,
      needed.predictions ? "--predictions-unit" : undefined,
    ),
    await loadFace(truth, cwd, truthUnit, needed.truth ? "--truth-unit" : undefined),
  ];
}

async function measureVrn(pair: FacePair, options: ProtocolOptions): Promise<FaceMeasures> {
  const [own, wanted] = await load(pair, options, { predictions: false, truth: false });
  if ((own.unit === undefined) !== (wanted.unit === undefined)) {
    throw new Failure(
      "failed",
      "no-unit",
      `${pair.name}: one of the two meshes says its unit, the other does not. ` +
        "Give --predictions-unit or --truth-unit.",
    );
  }
  const corners = wanted.landmarks as Float64Array;
  const [a, b] = corners.length === 6 ? [0, 1] : [36, 45];
  if (corners.length !== 6 && corners.length !== 204) {
    throw new RangeError(
      `vrn: expected 68 landmarks or the 2 outer eye corners, got ${corners.length / 3}`,
    );
  }
  const interocular = Math.hypot(
    ...[0, 1, 2].map((axis) => corners[3 * a + axis] - corners[3 * b + axis]),
  );
  const same =
    own.positions.length === wanted.positions.length &&
    own.indices.length === wanted.indices.length &&
    own.indices.every((vertex, i) => vertex === wanted.indices[i]);
  const partners = same ? own.positions : establishCorrespondence(own, wanted.positions);
  const nme = denseNormalizedMeanError(partners, wanted.positions, interocular);
  return { figures: { "NME %": 100 * nme }, errors: [nme] };
}

async function measureAsPixel3dmm(pair: FacePair, options: ProtocolOptions): Promise<FaceMeasures> {
  const [own, wanted] = await load(pair, options, { predictions: true, truth: true });
  const normals = normalsOf(wanted);
  const found = measurePixel3dmm(
    { ...own, landmarks: own.landmarks as Float64Array },
    {
      positions: wanted.positions,
      landmarks: wanted.landmarks as Float64Array,
      ...(normals && { normals }),
    },
  );
  return {
    figures: {
      "L1 mm": found.l1,
      "L2 mm": found.l2,
      ...(found.normalConsistency !== undefined && { NC: found.normalConsistency }),
      "R2.5": found.recall,
    },
    errors: found.distances,
  };
}

async function measureAsNow(pair: FacePair, options: ProtocolOptions): Promise<FaceMeasures> {
  const { metrical } = options;
  const [own, wanted] = await load(pair, options, { predictions: metrical, truth: true });
  const seven = ({ landmarks = new Float64Array(0) }: LoadedFace): Float64Array =>
    landmarks.length === 204
      ? Float64Array.from(NOW_LANDMARKS.flatMap((l) => [...landmarks.subarray(3 * l, 3 * l + 3)]))
      : landmarks;
  const { distances } = measureNow(
    { ...own, landmarks: seven(own) },
    { positions: wanted.positions, landmarks: seven(wanted) },
    { metrical },
  );
  const { median, mean, standardDeviation } = summarizeErrors(distances);
  return {
    figures: { "median mm": median, "mean mm": mean, "std mm": standardDeviation },
    errors: distances,
  };
}

async function measureAsFaceScape(pair: FacePair, options: ProtocolOptions): Promise<FaceMeasures> {
  const [own, wanted] = await load(pair, options, { predictions: true, truth: true });
  const found = measureFaceScape(own, wanted);
  return {
    figures: {
      "CD mm": found.chamfer,
      "MNE rad": found.meanNormalError,
      "angle rad": found.meanNormalAngle,
      CR: found.completeRate,
    },
    errors: [found.chamfer],
  };
}

async function measureAsTheyAre(pair: FacePair, options: ProtocolOptions): Promise<FaceMeasures> {
  const [own, wanted] = await load(pair, options, { predictions: true, truth: true });
  const found = measureScan(wanted.positions, own);
  const there = chamferDistance(wanted.positions, own, found);
  const back = chamferDistance(own.positions, wanted);
  const normals = normalsOf(wanted);
  return {
    figures: {
      "L1 mm": there.l1,
      "L2 mm": there.l2,
      "L1 back mm": back.l1,
      "L2 back mm": back.l2,
      ...(normals && { NC: normalConsistency(wanted.positions, normals, own, found) }),
      "R2.5": recallWithin(found.distances, RECALL),
    },
    errors: found.distances,
  };
}

/** Those of the file, else the triangles'; a bare cloud of points has none. */
function normalsOf({ positions, indices, normals }: LoadedFace): Float32Array | undefined {
  if (normals || indices.length === 0) return normals;
  return computeNormals({ positions: Float32Array.from(positions), indices });
}

import { mkdirSync, writeFileSync } from "node:fs";
import { createRandom } from "@headform/core-math";
import {
  createSurfaceFitter,
  type FitSurfaceMapsOptions,
  fitSurfaceMaps,
  PIXEL3DMM_DEFAULTS,
  PIXEL3DMM_PAPER,
} from "@headform/reconstruction";
import { flameShaped } from "../../packages/reconstruction/test/pixel3dmm/flame-shaped.ts";
import {
  REALISTIC,
  type SyntheticSurface,
  syntheticSurface,
  withNoise,
} from "../../packages/reconstruction/test/pixel3dmm/synthetic-maps.ts";
import { drawEnergyCurves, type EnergyCurve } from "./draw-energy-curves.ts";
import type { Row } from "./row.ts";

/** Faces of the comparison, and how often one is fitted for its time. */
const FACES = 4;
const REPEATS = 3;
const CURVE = "benchmarks/results/pixel3dmm-curve.csv";
const FIGURE = "docs/images/pixel3dmm-curve.svg";

/**
 * Pixel3DMM's fit at FLAME's size (5023 vertices, 300 + 100 coefficients, jaw, camera) to 256² maps with
 * the noise of real predictions: the paper's energy by Gauss–Newton and by Adam with the paper's 500
 * steps, from the same start, and headform's own energy. Times are of the processor, all threads, so
 * that what else runs on the machine counts little. The curves of energy against time go to a file and a
 * picture of their own.
 */
export async function run(): Promise<Row[]> {
  const fitter = createSurfaceFitter(flameShaped());
  const random = createRandom(11);
  const faces = Array.from({ length: FACES }, () => {
    const face = syntheticSurface(fitter.model, random);
    return {
      maps: withNoise(face.maps, REALISTIC, random),
      identity: guess(face, random),
    };
  });
  const curves: EnergyCurve[] = [];
  const rows: Row[] = [];
  // The compiler is warm after a fit of each kind.
  for (const { maps, identity } of faces.slice(0, 2)) {
    for (const preset of [PIXEL3DMM_PAPER, PIXEL3DMM_DEFAULTS]) {
      fitSurfaceMaps(fitter, maps, { preset, identity });
    }
  }
  const measure = (name: string, options: FitSurfaceMapsOptions) =>
    faces.map(({ maps, identity }, face) => {
      const start = cpuMs();
      const points: [number, number][] = [];
      const fit = fitSurfaceMaps(fitter, maps, {
        ...options,
        identity,
        onStep: ({ energy }) => points.push([cpuMs() - start, energy]),
      });
      curves.push({ name, face, points });
      return { ms: cpuMs() - start, energy: fit.energy, points };
    });
  const ours = measure("gauss-newton", { preset: PIXEL3DMM_PAPER });
  const adam = measure("adam", { preset: PIXEL3DMM_PAPER, solver: "adam" });
  faces.forEach((_, face) => {
    const [mine, theirs] = [ours[face], adam[face]];
    rows.push({
      bench: "pixel3dmm",
      case: `face ${face}, to the end: energy ${mine.energy.toFixed(2)}, Adam's ${theirs.energy.toFixed(2)}`,
      n: 400,
      medianMs: mine.ms,
      against: "Adam, 500 steps",
      ratio: theirs.ms / mine.ms,
    });
    const reached = mine.points.find(([, energy]) => energy <= theirs.energy);
    if (!reached) return;
    rows.push({
      bench: "pixel3dmm",
      case: `face ${face}, to Adam's last energy`,
      n: 400,
      medianMs: reached[0],
      against: "Adam, 500 steps",
      ratio: theirs.ms / reached[0],
    });
  });
  const own = Array.from({ length: REPEATS }, () =>
    measure("headform", { preset: PIXEL3DMM_DEFAULTS }),
  ).flatMap((runs) => runs.map(({ ms }) => ms));
  rows.push({
    bench: "pixel3dmm",
    case: "headform's energy",
    n: 400,
    medianMs: own.sort((a, b) => a - b)[own.length >> 1],
  });
  mkdirSync("benchmarks/results", { recursive: true });
  writeFileSync(CURVE, curveFile(curves));
  writeFileSync(FIGURE, drawEnergyCurves(curves.filter(({ name }) => name !== "headform")));
  return rows;
}

/** One line per step, of long runs every tenth. */
function curveFile(curves: readonly EnergyCurve[]): string {
  const lines = ["solver,face,step,cpuMs,energy"];
  const seen = new Set<string>();
  for (const { name, face, points } of curves) {
    // The first of the repeated runs stands for all.
    if (seen.has(`${name} ${face}`)) continue;
    seen.add(`${name} ${face}`);
    points.forEach(([ms, energy], i) => {
      if (points.length > 100 && (i + 1) % 10 > 0) return;
      lines.push(`${name},${face},${i + 1},${ms.toFixed(1)},${energy.toFixed(4)}`);
    });
  }
  return `${lines.join("\n")}\n`;
}

/** What a network for identities might say: two thirds of the truth, and noise. */
function guess({ shape }: SyntheticSurface, random: ReturnType<typeof createRandom>): Float64Array {
  return shape.map((value) => 0.67 * value + 0.4 * random.normal());
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

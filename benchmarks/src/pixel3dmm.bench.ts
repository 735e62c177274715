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
import type { Row } from "./row.ts";

/** Faces of the comparison, and how often one is fitted for its time. */
const FACES = 2;
const REPEATS = 3;
const CURVE = "benchmarks/results/pixel3dmm-curve.csv";

/**
 * Pixel3DMM's fit at FLAME's size (5023 vertices, 300 + 100 coefficients, jaw, camera) to 256² maps with
 * the noise of real predictions: the paper's energy by Gauss–Newton and by Adam with the paper's 500
 * steps, from the same start, and headform's own energy. Times are of the processor, all threads, so
 * that what else runs on the machine counts little. The curves of energy against time go to a file of
 * their own.
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
  const curve = ["solver,face,step,cpuMs,energy"];
  const rows: Row[] = [];
  // The compiler is warm after two fits.
  for (let i = 0; i < 2; i++) fitSurfaceMaps(fitter, faces[0].maps, { preset: PIXEL3DMM_PAPER });
  const measure = (name: string, options: FitSurfaceMapsOptions) => {
    const times: number[] = [];
    const energies: number[] = [];
    faces.forEach(({ maps, identity }, face) => {
      const start = cpuMs();
      const points: [number, number][] = [];
      const fit = fitSurfaceMaps(fitter, maps, {
        ...options,
        identity,
        onStep: ({ energy }) => points.push([cpuMs() - start, energy]),
      });
      times.push(cpuMs() - start);
      energies.push(fit.energy);
      points.forEach(([ms, energy], step) => {
        const number = step + 1;
        if (points.length > 100 && number % 10 > 0) return;
        curve.push(`${name},${face},${number},${ms.toFixed(1)},${energy.toFixed(4)}`);
      });
    });
    return { times, energies };
  };
  const ours = measure("gauss-newton", { preset: PIXEL3DMM_PAPER });
  const adam = measure("adam", { preset: PIXEL3DMM_PAPER, solver: "adam" });
  faces.forEach((_, face) => {
    rows.push({
      bench: "pixel3dmm",
      case: `paper's energy, face ${face}: ${ours.energies[face].toFixed(2)}, Adam's ${adam.energies[face].toFixed(2)}`,
      n: 400,
      medianMs: ours.times[face],
      against: "Adam, 500 steps",
      ratio: adam.times[face] / ours.times[face],
    });
  });
  const own = Array.from({ length: REPEATS }, () =>
    measure("headform", { preset: PIXEL3DMM_DEFAULTS }),
  ).flatMap(({ times }) => times);
  rows.push({
    bench: "pixel3dmm",
    case: "headform's energy",
    n: 400,
    medianMs: own.sort((a, b) => a - b)[own.length >> 1],
  });
  mkdirSync("benchmarks/results", { recursive: true });
  writeFileSync(CURVE, `${[...new Set(curve)].join("\n")}\n`);
  return rows;
}

/** What a network for identities might say: two thirds of the truth, and noise. */
function guess({ shape }: SyntheticSurface, random: ReturnType<typeof createRandom>): Float64Array {
  return shape.map((value) => 0.67 * value + 0.4 * random.normal());
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

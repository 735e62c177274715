import { loadSample } from "@headform/open-head/node";
import { type FaceTimings, reconstructPhoto } from "@headform/reconstruction";
import { loadReconstructor } from "@headform/reconstruction/node";
import sharp from "sharp";
import type { Row } from "./row.ts";

const REPEATS = 9;

type Stage = keyof FaceTimings | "whole" | "whole without networks";

/**
 * The bundled sample portrait to a textured head, warm, on one thread: each stage and the whole.
 * The networks' stages are set against the same on WebAssembly. n is the photo's pixels.
 */
export async function run(): Promise<Row[]> {
  const { data, info } = await sharp(await loadSample())
    .toColorspace("srgb")
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  const { width, height } = info;
  const image = { width, height, channels: 3, data: new Uint8Array(data) } as const;

  const measure = async (prefer: "cpu" | "wasm"): Promise<Map<Stage, number>> => {
    const reconstructor = await loadReconstructor({ prefer, threads: 1 });
    const times = new Map<Stage, number[]>();
    for (let i = 0; i <= REPEATS; i++) {
      const start = performance.now();
      const [face] = await reconstructPhoto(reconstructor, image, { maxFaces: 1 });
      const whole = performance.now() - start;
      if (!face) throw new Error("pipeline: expected a face in the sample, got none");
      if (i === 0) continue; // The first warms the compiler up.
      const { detect, network } = face.timings;
      const all: Record<Stage, number> = {
        ...face.timings,
        whole,
        "whole without networks": whole - detect - network,
      };
      for (const [stage, time] of Object.entries(all) as [Stage, number][]) {
        times.set(stage, [...(times.get(stage) ?? []), time]);
      }
    }
    await reconstructor.release();
    const median = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1];
    return new Map([...times].map(([stage, values]) => [stage, median(values)]));
  };

  const ours = await measure("cpu");
  const wasm = await measure("wasm");
  return [...ours].map(([stage, medianMs]) => {
    const row: Row = { bench: "pipeline", case: stage, n: width * height, medianMs };
    const runsNetworks = stage === "detect" || stage === "network" || stage === "whole";
    if (!runsNetworks) return row;
    return { ...row, against: "WebAssembly", ratio: wasm.get(stage)! / medianMs };
  });
}

import { createTensor, type NetworkManifest, type Session } from "@headform/inference";
import { createBackend } from "@headform/inference/node";
import { isOpenHeadError, type NetworkName } from "@headform/open-head";
import { loadNetwork } from "@headform/open-head/node";
import type { Row } from "./row.ts";

const NAMES: readonly NetworkName[] = ["dense", "detector", "volume", "volume-guided"];
const REPEATS = 9;

/**
 * Each default network on noise, on one thread of the native runtime, set against WebAssembly.
 * Times are the processor's, which other work on the machine hardly changes; n is the file's size in
 * bytes.
 */
export async function run(): Promise<Row[]> {
  const backends = {
    cpu: await createBackend({ prefer: "cpu", threads: 1 }),
    wasm: await createBackend({ prefer: "wasm" }),
  };
  const rows: Row[] = [];
  for (const name of NAMES) {
    const network = await loadNetwork(name).catch((error: unknown) => {
      if (isOpenHeadError(error)) return undefined;
      throw error;
    });
    // Not every network of that list ships.
    if (!network) continue;
    const { model, manifest } = network;
    for (const dims of inputsOf(manifest)) {
      const medians: Partial<Record<keyof typeof backends, number>> = {};
      for (const [key, backend] of Object.entries(backends)) {
        const session = await backend.createSession(model);
        medians[key as keyof typeof backends] = await time(session, manifest.input.name, dims);
        await session.release();
      }
      const { cpu = Number.NaN, wasm = Number.NaN } = medians;
      const size = `${dims.slice(1).join("×")}`;
      rows.push({
        bench: "networks",
        case: `${name}, ${size}`,
        n: model.length,
        medianMs: cpu,
        against: "WebAssembly",
        ratio: wasm / cpu,
      });
    }
  }
  return rows;
}

/** Shapes of the inputs that a network is run with. */
function inputsOf(manifest: NetworkManifest): number[][] {
  const { input } = manifest;
  if ("sizes" in input) return input.sizes.map((side) => [1, 3, side, side]);
  const guide = "guide" in manifest && manifest.guide ? 68 : 0;
  return "width" in input ? [[1, 3 + guide, input.height, input.width]] : [];
}

async function time(session: Session, input: string, dims: readonly number[]): Promise<number> {
  const count = dims.reduce((product, size) => product * size, 1);
  const data = new Float32Array(count).map((_, i) => (Math.imul(i, 0x9e3779b1) >>> 8) / 2 ** 24);
  const feeds = { [input]: createTensor("float32", dims, data) };
  await session.run(feeds);
  const times: number[] = [];
  for (let i = 0; i < REPEATS; i++) {
    const start = process.cpuUsage();
    await session.run(feeds);
    const { user, system } = process.cpuUsage(start);
    times.push((user + system) / 1000);
  }
  return times.sort((a, b) => a - b)[REPEATS >> 1];
}

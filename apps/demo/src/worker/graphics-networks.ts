import { createTensor, type DenseManifest, type Session } from "@headform/inference";
import { createBackend } from "@headform/inference/web";
import { loadNetwork } from "@headform/open-head/web";
import type { Reconstructor } from "@headform/reconstruction";
import wasmAddress from "onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm?url";
import { PageFailure } from "../page-failure.ts";
import type { FileKeeper } from "./keep-files.ts";

/** Largest difference from WebAssembly, relative to the largest value: half precision is 1e-3. */
const TOLERANCE = 1e-2;

/**
 * The networks on the graphics card, where there is one that computes what WebAssembly computes:
 * some drivers give other numbers without a word.
 *
 * Their runtime is twice as large, and is loaded only now.
 *
 * @param trusted the reconstructor on WebAssembly, to compare with
 * @throws PageFailure "no-webgpu" or "untrusted-webgpu"
 */
export async function createGraphicsNetworks(
  keeper: FileKeeper,
  trusted: Reconstructor,
): Promise<Pick<Reconstructor, "dense" | "detector">> {
  const { gpu } = navigator as { gpu?: { requestAdapter(): Promise<object | null> } };
  if (!(await gpu?.requestAdapter())) throw new PageFailure("no-webgpu");
  const options = { fetch: keeper.get };
  const [ort, runtime, dense, detector] = await Promise.all([
    import("onnxruntime-web/webgpu"),
    keeper.get(new URL(wasmAddress, location.href)),
    loadNetwork("dense", options),
    loadNetwork("detector", options),
  ]);
  ort.env.wasm.numThreads = 1;
  ort.env.wasm.wasmBinary = await runtime.arrayBuffer();
  const backend = await createBackend({ ort, providers: ["webgpu"] });
  const session = await backend.createSession(dense.model);
  delete ort.env.wasm.wasmBinary;
  const error = await difference(trusted.dense.session, session, dense.manifest);
  if (!(error <= TOLERANCE)) {
    await session.release();
    throw new PageFailure("untrusted-webgpu", `off by ${error.toPrecision(2)}`);
  }
  return {
    dense: { session, manifest: dense.manifest },
    detector: {
      session: await backend.createSession(detector.model),
      manifest: detector.manifest,
    },
  };
}

/** max |a − b| / max |a| of the network's output for a test pattern; NaN where one is not a number. */
async function difference(
  a: Session,
  b: Session,
  { input, output }: DenseManifest,
): Promise<number> {
  const { width, height } = input;
  const pattern = Float32Array.from(
    { length: 3 * width * height },
    (_, i) => 0.5 + 0.5 * Math.sin(i * 0.37) * Math.cos(i * 0.011),
  );
  const feeds = { [input.name]: createTensor("float32", [1, 3, height, width], pattern) };
  const [right, other] = await Promise.all([a.run(feeds), b.run(feeds)]);
  const expected = right[output.name]!.data as Float32Array;
  const got = other[output.name]!.data as Float32Array;
  let largest = 0;
  let error = 0;
  for (let i = 0; i < expected.length; i++) {
    largest = Math.max(largest, Math.abs(expected[i]!));
    error = Math.max(error, Math.abs(expected[i]! - got[i]!));
  }
  return error / largest;
}

// What browser.test.ts runs in the page: a network in a module worker, as a site would have it.
import { createTensor, isInferenceError, type Tensor } from "@headform/inference";
import { createBackend } from "@headform/inference/web";

const feeds = (input: readonly number[], dims: readonly number[]): Record<string, Tensor> => ({
  image: createTensor("float32", dims, Float32Array.from(input)),
});

async function inWorker(
  kind: "wasm" | "webgpu",
  model: readonly number[],
  input: readonly number[],
  dims: readonly number[],
): Promise<object> {
  const worker =
    kind === "wasm"
      ? new Worker(new URL("./runtime-worker.ts", import.meta.url), { type: "module" })
      : new Worker(new URL("./graphics-worker.ts", import.meta.url), { type: "module" });
  const backend = await createBackend({ worker, providers: [kind] });
  const session = await backend.createSession(Uint8Array.from(model));
  const first = await session.run(feeds(input, dims));
  const aborted = await session
    .run(feeds(input, dims), { signal: AbortSignal.abort() })
    .catch((error: Error) => error.name);
  const runs = async (count: number): Promise<number> => {
    for (let i = 0; i < count && kind === "wasm"; i++) await session.run(feeds(input, dims));
    return memory();
  };
  const warm = await runs(300);
  const grown = (await runs(1000)) - warm;
  const running = session.run(feeds(input, dims)).catch(codeOf);
  await backend.release();
  return {
    output: Array.from(first.planes!.data as Float32Array),
    tried: backend.tried,
    aborted,
    grown,
    running: await running,
    released: await session.run(feeds(input, dims)).catch(codeOf),
  };
}

/** A worker that never serves, and one that breaks later. */
async function broken(model: readonly number[]): Promise<object> {
  const later = new Worker(new URL("./breaking-worker.ts", import.meta.url), { type: "module" });
  const backend = await createBackend({ worker: later, providers: ["wasm"] });
  return {
    missing: await createBackend({
      worker: new Worker("/missing.js", { type: "module" }),
    }).catch(codeOf),
    later: await backend.createSession(Uint8Array.from(model)).catch(codeOf),
  };
}

function memory(): number {
  (globalThis as { gc?: () => void }).gc?.();
  return (performance as unknown as { memory: { usedJSHeapSize: number } }).memory.usedJSHeapSize;
}

const codeOf = (error: unknown): string => (isInferenceError(error) ? error.code : String(error));

Object.assign(globalThis, { inWorker, broken });

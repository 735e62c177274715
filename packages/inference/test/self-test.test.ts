import { type Backend, SELF_TEST_TOLERANCE, type Session, selfTest } from "@headform/inference";
import { createBackend } from "@headform/inference/node";
import { createBackend as createWebBackend, type OnnxRuntime } from "@headform/inference/web";
import * as ort from "onnxruntime-web/wasm";
import { afterEach, expect, test } from "vitest";

ort.env.wasm.numThreads = 1;

const driver = process.env.VK_ICD_FILENAMES;
afterEach(() => {
  if (driver === undefined) delete process.env.VK_ICD_FILENAMES;
  else process.env.VK_ICD_FILENAMES = driver;
});

/** A backend whose results are off by `error` in one number. */
function wrongBy(backend: Backend, error: number): Backend["createSession"] {
  return async (model) => {
    const session = await backend.createSession(model);
    const run: Session["run"] = async (feeds) => {
      const outputs = await session.run(feeds);
      (outputs.planes.data as Float32Array)[700] += error;
      return outputs;
    };
    return { ...session, run };
  };
}

test.each(["cpu", "wasm"] as const)("%s agrees with PyTorch", async (prefer) => {
  const { createSession } = await createBackend({ prefer, threads: 1 });
  const result = await selfTest(createSession);
  expect(result.ok).toBe(true);
  // float32 sums of at most 99 products of size 1 against float64.
  expect(result.error).toBeLessThan(1e-5);
  expect(result.milliseconds).toBeGreaterThan(0);
});

test.each([2 * SELF_TEST_TOLERANCE, Number.NaN])(
  "a result off by %s is not trusted",
  async (by) => {
    const backend = await createBackend({ prefer: "cpu", threads: 1 });
    expect((await selfTest(wrongBy(backend, by))).ok).toBe(false);
  },
);

test("each graphics provider is tried alone, and the processor takes over", async () => {
  process.env.VK_ICD_FILENAMES = "/nowhere.json";
  const backend = await createBackend({ prefer: "gpu", threads: 1 });
  const names = ["cuda", "directml", "coreml", "webgpu", "cpu"];
  // On a machine with a graphics card the list ends with the provider that passed.
  expect(names.slice(0, backend.tried.length)).toEqual(backend.tried.map(({ name }) => name));
  expect(backend.tried.at(-1)).toMatchObject({ name: backend.name, ok: true });
  for (const { ok, reason } of backend.tried.slice(0, -1)) {
    expect(ok).toBe(false);
    expect(reason).toBeTruthy();
  }
});

test("a browser's provider that computes something else is passed over", async () => {
  const wrong: OnnxRuntime = {
    Tensor: ort.Tensor,
    InferenceSession: {
      async create(model, { executionProviders }: Record<string, unknown> = {}) {
        const session = await ort.InferenceSession.create(model);
        if ((executionProviders as string[])[0] !== "webgpu") return session;
        return {
          inputNames: session.inputNames,
          outputNames: session.outputNames,
          release: () => session.release(),
          run: async (feeds: never) => {
            const outputs = await session.run(feeds);
            for (const output of Object.values(outputs)) (output.data as Float32Array)[3] += 1;
            return outputs;
          },
        };
      },
    },
  };
  const backend = await createWebBackend({ ort: wrong, providers: ["webgpu", "wasm"] });
  const bytes = new Uint8Array(3);
  await expect(backend.createSession(bytes)).rejects.toThrow(/webgpu: its results are wrong by 1/);
});

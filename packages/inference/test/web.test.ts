import { readFileSync } from "node:fs";
import { createTensor, isInferenceError } from "@headform/inference";
import { createBackend, type OnnxRuntime } from "@headform/inference/web";
import * as ort from "onnxruntime-web/wasm";
import { expect, test } from "vitest";

// The runtime's settings are the caller's; left alone, it counts cores with a `require` that ESM has not.
ort.env.wasm.numThreads = 1;

const model = new Uint8Array(readFileSync(new URL("./fixtures/tiny.onnx", import.meta.url)));

test("runs a network on the runtime handed in", async () => {
  const backend = await createBackend({ ort });
  const session = await backend.createSession(model);
  const { planes } = await session.run({ image: createTensor("float32", [1, 3, 4, 4]) });
  expect(planes!.dims).toEqual([1, 4, 4, 4]);
  expect([backend.name, session.backend]).toEqual(["wasm", "wasm"]);
  await session.release();
});

test("tries providers one at a time and keeps the one that loads", async () => {
  const asked: string[] = [];
  const fussy: OnnxRuntime = {
    Tensor: ort.Tensor,
    InferenceSession: {
      create(bytes, options) {
        const provider = (options!.executionProviders as string[])[0]!;
        asked.push(provider);
        if (provider === "webgpu") return Promise.reject(new Error("no adapter"));
        return ort.InferenceSession.create(bytes, options as object);
      },
    },
  };
  const backend = await createBackend({ ort: fussy, providers: ["webgpu", "wasm"] });
  await backend.createSession(model);
  await backend.createSession(model);
  expect(asked).toEqual(["webgpu", "wasm", "wasm"]);
  expect(backend.name).toBe("wasm");
  expect(backend.tried.map(({ name, ok }) => [name, ok])).toEqual([
    ["webgpu", false],
    ["wasm", true],
  ]);
  expect(backend.tried[0]!.reason).toContain("no adapter");
});

test("names all reasons when no provider loads the network", async () => {
  const backend = await createBackend({ ort });
  const error = await backend.createSession(new Uint8Array(3)).catch((e: unknown) => e);
  expect(isInferenceError(error) && error.code).toBe("model");
});

test("refuses what is no runtime", async () => {
  await expect(createBackend({ ort: {} as OnnxRuntime })).rejects.toThrow(TypeError);
  await expect(createBackend({ ort, providers: [] })).rejects.toThrow(TypeError);
});

import { InferenceError } from "@headform/inference";
import { OpenHeadError } from "@headform/open-head";
import { ReconstructionError } from "@headform/reconstruction";
import { expect, test } from "vitest";
import { EXPLANATIONS } from "../src/explain.ts";
import { explainFailure } from "../src/worker/explain-failure.ts";

test.each([
  // As V8, Emscripten and the runtime say it.
  ["out-of-memory", new RangeError("Array buffer allocation failed")],
  ["out-of-memory", new RangeError("WebAssembly.Memory(): could not allocate memory")],
  ["out-of-memory", new InferenceError("run", "run: wasm failed: std::bad_alloc")],
  ["no-face", new ReconstructionError("no-face", "no face was found")],
  ["no-method", new ReconstructionError("missing-network", "no volume network")],
  ["no-files", new OpenHeadError("missing", "dense.onnx", "dense.onnx cannot be read")],
  ["no-files", new TypeError("Failed to fetch")],
  ["stopped", new DOMException("stopped", "AbortError")],
  ["unknown", new InferenceError("run", "run: wasm failed: a reason")],
  ["unknown", "a text"],
] as const)("%s is told of %s", (code, error) => {
  const failure = explainFailure(error);
  expect(failure.code).toBe(code);
  expect(EXPLANATIONS[failure.code]).toMatch(/\.$/);
});

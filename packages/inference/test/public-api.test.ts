import * as inference from "@headform/inference";
import * as node from "@headform/inference/node";
import * as web from "@headform/inference/web";
import * as worker from "@headform/inference/worker";
import { expect, test } from "vitest";

test("exports exactly these names", () => {
  expect(Object.keys(inference).sort()).toEqual([
    "InferenceError",
    "SELF_TEST_TOLERANCE",
    "checkDigest",
    "checkTensor",
    "createTensor",
    "isInferenceError",
    "readManifest",
    "runBatch",
    "selfTest",
  ]);
  expect(Object.keys(node).sort()).toEqual([
    "BACKEND_PREFERENCES",
    "DEFAULT_BACKEND_PREFERENCE",
    "cacheFolder",
    "clearCache",
    "createBackend",
    "fetchFile",
    "fetchNetwork",
    "listCache",
  ]);
  expect(Object.keys(web).sort()).toEqual([
    "clearCache",
    "createBackend",
    "fetchFile",
    "fetchNetwork",
    "listCache",
  ]);
  expect(Object.keys(worker)).toEqual(["serveRuntime"]);
});

import * as inference from "@headform/inference";
import * as node from "@headform/inference/node";
import * as web from "@headform/inference/web";
import { expect, test } from "vitest";

test("exports exactly these names", () => {
  expect(Object.keys(inference).sort()).toEqual([
    "InferenceError",
    "checkDigest",
    "checkTensor",
    "createTensor",
    "isInferenceError",
    "readManifest",
  ]);
  expect(Object.keys(node).sort()).toEqual([
    "BACKEND_PREFERENCES",
    "DEFAULT_BACKEND_PREFERENCE",
    "createBackend",
  ]);
  expect(Object.keys(web)).toEqual(["createBackend"]);
});

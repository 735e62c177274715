import * as reconstruction from "@headform/reconstruction";
import { expect, test } from "vitest";

test("exports", () => {
  expect(Object.keys(reconstruction).sort()).toEqual([
    "ReconstructionError",
    "createReconstructor",
    "createTexelMap",
    "detectFaces",
    "fitHead",
    "isReconstructionError",
    "reconstructFace",
    "reconstructPhoto",
    "sampleTexture",
    "vertexNeighbors",
  ]);
});

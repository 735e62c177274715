import * as reconstruction from "@headform/reconstruction";
import * as node from "@headform/reconstruction/node";
import { expect, test } from "vitest";

test("exports", () => {
  expect(Object.keys(reconstruction).sort()).toEqual([
    "DEFAULT_METHOD",
    "METHODS",
    "ReconstructionError",
    "createReconstructor",
    "createTexelMap",
    "detectFaces",
    "fitHead",
    "isReconstructionError",
    "reconstructFace",
    "reconstructPhoto",
    "reconstructVrn",
    "sampleTexture",
    "transferFace",
    "vertexNeighbors",
  ]);
});

test("exports for Node", () => {
  expect(Object.keys(node).sort()).toEqual(["loadReconstructor"]);
});

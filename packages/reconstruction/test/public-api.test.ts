import * as reconstruction from "@headform/reconstruction";
import * as node from "@headform/reconstruction/node";
import { expect, test } from "vitest";

test("exports", () => {
  expect(Object.keys(reconstruction).sort()).toEqual([
    "DEFAULT_METHOD",
    "METHODS",
    "PIXEL3DMM_DEFAULTS",
    "PIXEL3DMM_PAPER",
    "PIXEL3DMM_RELEASED",
    "ReconstructionError",
    "VOLUME_SURFACES",
    "createReconstructor",
    "createSurfaceFitter",
    "createTexelMap",
    "detectFaces",
    "fitHead",
    "fitSurfaceMaps",
    "isReconstructionError",
    "reconstructFace",
    "reconstructModel",
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

import * as morphableModel from "@headform/morphable-model";
import * as io from "@headform/morphable-model/io";
import { expect, test } from "vitest";

test("exports", () => {
  expect(Object.keys(morphableModel).sort()).toEqual([
    "FIT_TO_PIXELS_DEFAULTS",
    "LOCALIZE_PIXELS_DEFAULTS",
    "LOCALIZE_VERTICES_DEFAULTS",
    "MorphableModelError",
    "REGION_WEIGHTS",
    "SKINNED_WORKSPACE_DEFAULTS",
    "contourRow",
    "createSkinnedWorkspace",
    "createSurfaceIndex",
    "evaluate",
    "evaluateJacobian",
    "evaluateLandmarks",
    "evaluateNormalJacobian",
    "evaluateSurfacePoints",
    "fitCoefficients",
    "fitToPixels",
    "isMorphableModelError",
    "landmarkVisibility",
    "localizePixels",
    "localizeVertices",
    "projectLandmarks",
    "readHead",
    "toMesh",
  ]);
});

test("exports of ./io", () => {
  expect(Object.keys(io).sort()).toEqual([
    "MorphableModelError",
    "isMorphableModelError",
    "readModel",
    "writeModel",
  ]);
});

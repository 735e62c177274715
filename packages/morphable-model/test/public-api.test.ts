import * as morphableModel from "@headform/morphable-model";
import * as io from "@headform/morphable-model/io";
import { expect, test } from "vitest";

test("exports", () => {
  expect(Object.keys(morphableModel).sort()).toEqual([
    "FIT_CORRESPONDENCE_DEFAULTS",
    "FIT_LANDMARKS_2D_DEFAULTS",
    "FIT_LANDMARKS_3D_DEFAULTS",
    "FIT_SCAN_DEFAULTS",
    "FIT_TO_PIXELS_DEFAULTS",
    "LOCALIZE_PIXELS_DEFAULTS",
    "LOCALIZE_VERTICES_DEFAULTS",
    "MorphableModelError",
    "REGION_WEIGHTS",
    "REGISTER_HEAD_DEFAULTS",
    "SKINNED_WORKSPACE_DEFAULTS",
    "TRANSFER_COEFFICIENTS_DEFAULTS",
    "contourRow",
    "createSkinnedWorkspace",
    "createSurfaceIndex",
    "detailMesh",
    "detailModel",
    "evaluate",
    "evaluateColors",
    "evaluateJacobian",
    "evaluateLandmarks",
    "evaluateNormalJacobian",
    "evaluateSurfacePoints",
    "fitCoefficients",
    "fitCoefficientsJointly",
    "fitCorrespondence",
    "fitLandmarks2d",
    "fitLandmarks3d",
    "fitScan",
    "fitToPixels",
    "isMorphableModelError",
    "landmarkVisibility",
    "localizePixels",
    "localizeVertices",
    "projectLandmarks",
    "readDetail",
    "readHead",
    "registerHead",
    "selectLandmarkVertices",
    "toMesh",
    "transferCoefficients",
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

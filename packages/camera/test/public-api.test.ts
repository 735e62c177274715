import * as root from "@headform/camera";
import { expect, test } from "vitest";

test("exports", () => {
  expect(Object.keys(root).sort()).toEqual([
    "CameraError",
    "FIT_PERSPECTIVE_DEFAULTS",
    "REFINE_PERSPECTIVE_DEFAULTS",
    "estimateAffine",
    "estimatePerspective",
    "estimateScaledOrthographic",
    "fitPerspective",
    "isCameraError",
    "perspectiveFromScaledOrthographic",
    "projectPoints",
    "refinePerspective",
    "resizeCamera",
    "scaledOrthographicFromAffine",
    "viewDepth",
  ]);
});

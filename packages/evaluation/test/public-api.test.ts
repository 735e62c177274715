import * as evaluation from "@headform/evaluation";
import { expect, test } from "vitest";

test("exports", () => {
  expect(Object.keys(evaluation).sort()).toEqual([
    "ALIGN_TO_SCAN_DEFAULTS",
    "DRAW_ERROR_CURVES_DEFAULTS",
    "ESTABLISH_CORRESPONDENCE_DEFAULTS",
    "MEASURE_FACESCAPE_DEFAULTS",
    "MEASURE_PIXEL3DMM_DEFAULTS",
    "NOW_LANDMARKS",
    "alignToScan",
    "chamferDistance",
    "cumulativeErrors",
    "denseNormalizedMeanError",
    "drawErrorCurves",
    "establishCorrespondence",
    "measureFaceScape",
    "measureNow",
    "measurePixel3dmm",
    "measureScan",
    "normalConsistency",
    "normalizedMeanError",
    "recallWithin",
    "summarizeErrors",
  ]);
});

import * as networks from "@headform/networks";
import * as detector from "@headform/networks/detector";
import * as pix2face from "@headform/networks/pix2face";
import { expect, test } from "vitest";

const detectorNames = [
  "YUNET",
  "decodeDetections",
  "decodeYunet",
  "detectFaces",
  "suppressOverlaps",
];
const pix2faceNames = [
  "PIX2FACE_BFM",
  "PIX2FACE_NECKLESS",
  "averageMirrored",
  "cropFace",
  "decodeMaps",
  "mirrorInput",
  "mirrorMaps",
  "pointCloud",
  "prepareInput",
];

test("exports exactly these names", () => {
  expect(Object.keys(detector).sort()).toEqual(detectorNames);
  expect(Object.keys(pix2face).sort()).toEqual(pix2faceNames);
  expect(Object.keys(networks).sort()).toEqual([...detectorNames, ...pix2faceNames].sort());
});

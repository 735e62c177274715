import * as networks from "@headform/networks";
import * as detector from "@headform/networks/detector";
import * as imports from "@headform/networks/import";
import * as mica from "@headform/networks/mica";
import * as onnx from "@headform/networks/onnx";
import * as pix2face from "@headform/networks/pix2face";
import * as pixel3dmm from "@headform/networks/pixel3dmm";
import * as vrn from "@headform/networks/vrn";
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
  expect(Object.keys(pixel3dmm).sort()).toEqual([
    "FARL_CLASSES",
    "SEGMENTS",
    "averageMirroredSurface",
    "decodePixel3dmm",
    "decodeSegmentation",
    "decodeSurfaceMaps",
  ]);
  expect(Object.keys(mica).sort()).toEqual([
    "NetworkError",
    "alignIdentity",
    "importMica",
    "isNetworkError",
    "prepareIdentityInput",
  ]);
  expect(Object.keys(vrn).sort()).toEqual([
    "BUILD_VRN_DEFAULTS",
    "NetworkError",
    "averageMirroredVolume",
    "buildVrn",
    "cropVolume",
    "decodeHeatmaps",
    "decodeVolume",
    "importVrn",
    "isNetworkError",
    "mirrorVolumeInput",
    "prepareVolumeInput",
  ]);
  expect(Object.keys(imports).sort()).toEqual([
    "NetworkError",
    "importMica",
    "importNetwork",
    "importPix2face",
    "importPixel3dmm",
    "importVrn",
    "isNetworkError",
    "sealManifest",
  ]);
  expect(Object.keys(onnx).sort()).toEqual([
    "NetworkError",
    "addConstant",
    "addInput",
    "addIntegers",
    "addNode",
    "addOutput",
    "addScalar",
    "createGraph",
    "isNetworkError",
    "readOnnx",
    "writeOnnx",
  ]);
});

import * as root from "@headform/formats";
import * as hdf5 from "@headform/formats/hdf5";
import * as matlab from "@headform/formats/matlab";
import * as numpy from "@headform/formats/numpy";
import * as pickle from "@headform/formats/pickle";
import * as safetensors from "@headform/formats/safetensors";
import * as torch from "@headform/formats/torch";
import * as torch7 from "@headform/formats/torch7";
import { expect, test } from "vitest";

test("the root exports only the error", () => {
  expect(Object.keys(root).sort()).toEqual(["FormatError", "isFormatError"]);
});

test("./safetensors exports its verbs and the error", () => {
  expect(Object.keys(safetensors).sort()).toEqual([
    "FormatError",
    "isFormatError",
    "readSafetensors",
    "streamSafetensors",
    "toFloat32",
    "writeSafetensors",
  ]);
});

test("./matlab exports its verb and the error", () => {
  expect(Object.keys(matlab).sort()).toEqual(["FormatError", "isFormatError", "readMat"]);
});

test("./hdf5 exports its verbs and the error", () => {
  expect(Object.keys(hdf5).sort()).toEqual([
    "FormatError",
    "findNode",
    "isFormatError",
    "readDataset",
    "readDatasets",
    "readHdf5",
  ]);
});

test("./numpy exports its verbs and the error", () => {
  expect(Object.keys(numpy).sort()).toEqual([
    "FormatError",
    "isFormatError",
    "readNpy",
    "readNpz",
    "toFloat32",
    "toFloat64",
    "writeNpy",
  ]);
});

test("./pickle exports its verbs and the error", () => {
  expect(Object.keys(pickle).sort()).toEqual([
    "FormatError",
    "MAX_DENSE_ELEMENTS",
    "isFormatError",
    "readPickle",
    "toContiguous",
    "toDense",
    "toFloat32",
    "toFloat64",
    "toNdArray",
  ]);
});

test("./torch exports its verbs and the error", () => {
  expect(Object.keys(torch).sort()).toEqual([
    "FormatError",
    "isFormatError",
    "readTorch",
    "toContiguous",
    "toFloat32",
    "toFloat64",
  ]);
});

test("./torch7 exports its verbs and the error", () => {
  expect(Object.keys(torch7).sort()).toEqual([
    "FormatError",
    "isFormatError",
    "readTorch7",
    "toContiguous",
    "toFloat32",
    "toFloat64",
    "toList",
  ]);
});

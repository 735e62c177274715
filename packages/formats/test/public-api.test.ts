import * as root from "@headform/formats";
import * as hdf5 from "@headform/formats/hdf5";
import * as matlab from "@headform/formats/matlab";
import * as safetensors from "@headform/formats/safetensors";
import { expect, test } from "vitest";

test("the root exports only the error", () => {
  expect(Object.keys(root).sort()).toEqual(["FormatError", "isFormatError"]);
});

test("./safetensors exports its verbs and the error", () => {
  expect(Object.keys(safetensors).sort()).toEqual([
    "FormatError",
    "isFormatError",
    "readSafetensors",
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
    "readHdf5",
  ]);
});

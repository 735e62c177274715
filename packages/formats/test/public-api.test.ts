import * as root from "@headform/formats";
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

import { readSafetensors, toFloat32, writeSafetensors } from "@headform/formats/safetensors";
import { expect, test } from "vitest";

test("the example of the README", () => {
  const bytes = writeSafetensors(
    new Map([["mean", { dtype: "F32", shape: [2, 3], data: Float32Array.of(0, 1, 2, 3, 4, 5) }]]),
    { unit: "m" },
  );
  const { tensors, metadata } = readSafetensors(bytes);
  const mean = tensors.get("mean")!;
  expect([mean.shape, toFloat32(mean)[4], metadata.unit]).toEqual([[2, 3], 4, "m"]);
});

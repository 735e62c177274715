import { createTensor } from "@headform/inference";
import { decodeDetections } from "@headform/networks/detector";
import { readOnnx } from "@headform/networks/onnx";
import { buildVrn } from "@headform/networks/vrn";
import { expect, test } from "vitest";

test("the README's example prints what it says", () => {
  const heatmap = createTensor("float32", [1, 1, 2, 2], Float32Array.of(-9, 4, -9, -9));
  const box = createTensor("float32", [1, 6, 2, 2]);
  const [face] = decodeDetections({ heatmap, box }, { stride: 8, threshold: 0.5 });
  expect([face!.score.toFixed(3), face!.box]).toEqual([
    "0.982",
    { x: -4, y: -12, width: 32, height: 32 },
  ]);
});

test("so does the one about VRN", () => {
  const { model, manifest } = buildVrn("guided", { width: 8, size: 32, planes: 10 });
  expect([manifest.output.dims, readOnnx(model).operators.Conv]).toEqual([[32, 32, 10], 276]);
});

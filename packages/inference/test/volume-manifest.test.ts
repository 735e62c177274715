import { isInferenceError, readManifest } from "@headform/inference";
import { expect, test } from "vitest";

const head = {
  version: 1,
  name: "n",
  networkVersion: "0.1.0",
  file: "n.onnx",
  bytes: 10,
  sha256: "0".repeat(64),
  licence: "MIT",
  trainedOn: "nothing",
};
const input = {
  name: "image",
  layout: "NCHW",
  width: 8,
  height: 8,
  channels: "RGB",
  range: [0, 1],
};
const output = {
  name: "volume",
  dims: [8, 8, 9],
  spacing: [1, 1, 0.5],
  nearest: "last",
  values: "probability",
};
const volume = { ...head, kind: "volume", input, crop: { rule: "vrn-box", scale: 2.1 }, output };
const surface = {
  ...head,
  kind: "surface",
  input,
  output: { name: "planes", width: 8, height: 8, channels: ["uv.u", "uv.v"] },
};
const identity = { ...head, kind: "identity", input, output: { name: "identity", count: 300 } };

test("reads volume, surface and identity networks", () => {
  const guided = {
    ...volume,
    guide: { sigma: 1, diameter: 6 },
    output: { ...output, landmarks: { name: "landmarks", width: 8, height: 8 } },
  };
  const segmentation = {
    ...identity,
    kind: "segmentation",
    output: { name: "logits", width: 448, height: 448, classes: ["background", "face"] },
  };
  for (const manifest of [volume, guided, surface, identity, segmentation]) {
    expect(readManifest(JSON.stringify(manifest))).toEqual(manifest);
  }
});

test.each([
  ["kind", { ...volume, kind: "cube" }],
  ["input.width", { ...volume, input: { ...input, width: 0 } }],
  ["guide.sigma", { ...volume, guide: { sigma: 0, diameter: 6 } }],
  ["guide.diameter", { ...volume, guide: { sigma: 1 } }],
  ["crop.rule", { ...volume, crop: { rule: "around", scale: 1 } }],
  ["crop.scale", { ...volume, crop: { rule: "vrn-mean", scale: 0 } }],
  ["output.dims", { ...volume, output: { ...output, dims: [8, 8.5, 9] } }],
  ["output.dims", { ...volume, output: { ...output, dims: [8, 8] } }],
  ["output.spacing", { ...volume, output: { ...output, spacing: [1, 1, 0] } }],
  ["output.nearest", { ...volume, output: { ...output, nearest: "middle" } }],
  ["output.values", { ...volume, output: { ...output, values: "bytes" } }],
  ["output.landmarks.width", { ...volume, output: { ...output, landmarks: { name: "l" } } }],
  ["output.channels", { ...surface, output: { ...surface.output, channels: ["uv.w"] } }],
  ["output.channels", { ...surface, output: { ...surface.output, channels: ["uv.u", "uv.u"] } }],
  ["output.classes", { ...surface, kind: "segmentation" }],
  [
    "output.classes",
    { ...surface, kind: "segmentation", output: { ...surface.output, classes: ["a", "a"] } },
  ],
  ["output.height", { ...surface, output: { ...surface.output, height: -1 } }],
  ["output.count", { ...identity, output: { name: "identity" } }],
])("names %s", (field, manifest) => {
  try {
    readManifest(manifest);
    expect.unreachable();
  } catch (error) {
    expect(isInferenceError(error) && [error.code, error.field]).toEqual(["manifest", field]);
  }
});

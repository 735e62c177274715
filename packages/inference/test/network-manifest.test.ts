import { isInferenceError, type NetworkManifest, readManifest } from "@headform/inference";
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
const box = { min: [-1, -1, -1], max: [1, 1, 1] };
const dense = {
  ...head,
  input: { name: "image", layout: "NCHW", width: 8, height: 8, channels: "RGB", range: [0, 1] },
  crop: { rule: "landmark-box", scale: 1.5 },
  output: {
    name: "planes",
    width: 4,
    height: 4,
    channels: [
      "visible-logit",
      "uv.u",
      "confidence",
      "pncc.x",
      "pncc.y",
      "pncc.z",
      "offset.x",
      "offset.y",
      "offset.z",
    ],
    pncc: box,
    offset: box,
    unit: "m",
  },
};
const detector = {
  ...head,
  kind: "detector",
  input: {
    name: "image",
    layout: "NCHW",
    channels: "RGB",
    range: [0, 1],
    multipleOf: 32,
    sizes: [320, 640],
  },
  outputs: [{ name: "heatmap", stride: 8 }],
  box: "words",
  threshold: 0.5,
  nms: 0.4,
};

test("reads both kinds, from text or from an object", () => {
  expect(readManifest(JSON.stringify(dense))).toEqual({ ...dense, kind: "dense" });
  expect(readManifest(detector)).toEqual(detector);
  const kinds: NetworkManifest["kind"][] = [readManifest(dense).kind, readManifest(detector).kind];
  expect(kinds).toEqual(["dense", "detector"]);
});

const wrong: readonly [string, unknown][] = [
  ["manifest", []],
  ["manifest", null],
  ["version", { ...dense, version: 2 }],
  ["name", { ...dense, name: "" }],
  ["file", { ...dense, file: "../../etc/passwd" }],
  ["bytes", { ...dense, bytes: Number.NaN }],
  ["sha256", { ...dense, sha256: "12" }],
  ["input", { ...dense, input: undefined }],
  ["input.layout", { ...dense, input: { ...dense.input, layout: "NHWC" } }],
  ["input.channels", { ...dense, input: { ...dense.input, channels: "GRAY" } }],
  ["input.range", { ...dense, input: { ...dense.input, range: [0, 1, 2] } }],
  ["input.mean", { ...dense, input: { ...dense.input, mean: [0, 0] } }],
  ["input.std", { ...dense, input: { ...dense.input, std: [1, 1, 0] } }],
  ["input.width", { ...dense, input: { ...dense.input, width: 0 } }],
  ["crop.rule", { ...dense, crop: { rule: "round", scale: 1 } }],
  ["crop.scale", { ...dense, crop: { rule: "landmark-box", scale: 0 } }],
  ["output.channels", { ...dense, output: { ...dense.output, channels: ["depth"] } }],
  [
    "output.channels",
    { ...dense, output: { ...dense.output, channels: [...dense.output.channels, "pncc.x"] } },
  ],
  ["output.pncc.min", { ...dense, output: { ...dense.output, pncc: { min: [0], max: [1] } } }],
  ["output.unit", { ...dense, output: { ...dense.output, unit: "ft" } }],
  [
    "output.background",
    { ...dense, output: { ...dense.output, channels: dense.output.channels.slice(1) } },
  ],
  ["kind", { ...head, input: dense.input }],
  ["kind", { ...detector, kind: "oracle" }],
  ["input.sizes", { ...detector, input: { ...detector.input, sizes: [] } }],
  ["outputs[0].stride", { ...detector, outputs: [{ name: "heatmap" }] }],
  ["nms", { ...detector, nms: "0.4" }],
];

test.each(wrong)("names the wrong field: %s", (field, json) => {
  let error: unknown;
  try {
    readManifest(json);
  } catch (e) {
    error = e;
  }
  expect(isInferenceError(error) && [error.code, error.field]).toEqual(["manifest", field]);
});

test("says so when the text is not JSON, and keeps the cause", () => {
  let error: unknown;
  try {
    readManifest("{");
  } catch (e) {
    error = e;
  }
  expect(isInferenceError(error) && error.code).toBe("manifest");
  expect((error as Error).cause).toBeInstanceOf(SyntaxError);
});

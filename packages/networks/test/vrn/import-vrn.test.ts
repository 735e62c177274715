import { readManifest } from "@headform/inference";
import { importVrn, isNetworkError, sealManifest } from "@headform/networks/import";
import { readOnnx } from "@headform/networks/onnx";
import { expect, test } from "vitest";
import {
  compare,
  picture,
  placesOf,
  readBytes,
  readReference,
  runNetwork,
  THIN,
} from "../import/published.ts";
import { changed, type LuaWritable, writeTorch7 } from "./write-torch7.ts";

test.each(placesOf("vrn-plain.t7"))(
  "%s: the volume is PyTorch's",
  async (size, folder) => {
    const network = importVrn(readBytes(folder, "vrn-plain.t7"));
    const reference = readReference(folder, "vrn-plain");
    const { output, input, guide } = network.manifest;
    const [image, volume] = [picture(3, input.height, input.width), output.name];
    const worst = compare(await runNetwork(network, { image }, [volume]), reference);
    console.log(`vrn, ${size}: largest difference ${worst.toExponential(1)}`);
    // Probabilities; what is left is the order of single-precision sums, through some 280 layers.
    expect(worst).toBeLessThan(1e-4);
    const description = readOnnx(network.model);
    // The tree of the published file, counted in a public dump of it.
    expect(description.operators).toEqual({
      Conv: 276,
      InstanceNormalization: 273,
      Relu: 273,
      Add: 99,
      MaxPool: 9,
      Resize: 9,
      Sigmoid: 1,
      Identity: 1,
    });
    // The weights, four scales for doubling and the size at the end: no gradients, no statistics.
    expect(description.parameters).toBe((reference.parameters as number) + 4 + 4);
    const [, planes, height, width] = reference.shapes[0]!;
    expect(output.dims).toEqual([width, height, planes]);
    expect([output.values, output.nearest, guide]).toEqual(["probability", "last", undefined]);
    const manifest = await sealManifest(network, "vrn.onnx");
    expect(readManifest(JSON.stringify(manifest))).toEqual(manifest);
  },
  300_000,
);

const bytes = readBytes(THIN, "vrn-plain.t7");

/** A module of nn for the writer. */
const nn = (name: string, fields: Record<string, LuaWritable> = {}): LuaWritable => ({
  className: `nn.${name}`,
  fields: { train: true, ...fields },
});
const conv = (
  inputs: number,
  outputs: number,
  more: Record<string, LuaWritable> = {},
): LuaWritable =>
  nn("SpatialConvolution", {
    ...{ nInputPlane: inputs, nOutputPlane: outputs, kW: 1, kH: 1, dW: 1, dH: 1 },
    weight: { shape: [outputs, inputs, 1, 1], data: new Float32Array(inputs * outputs).fill(0.5) },
    bias: { shape: [outputs], data: new Float32Array(outputs).fill(1) },
    ...more,
  });
const sequential = (...modules: LuaWritable[]): LuaWritable => nn("Sequential", { modules });
const upsample = nn("SpatialUpSamplingBilinear", { oheight: 8, owidth: 8 });

test("a module in two places is one, with one set of weights", async () => {
  const twice = conv(3, 3);
  const network = importVrn(writeTorch7(sequential(twice, upsample, twice)));
  const { parameters, operators } = readOnnx(network.model);
  expect(operators.Conv).toBe(2);
  expect(parameters).toBe(9 + 3 + 4);
  const image = picture(3, 8, 8);
  const [volume] = await runNetwork(network, { image }, ["volume"]);
  const at = (plane: number): number => image.data[64 * plane + 9]!;
  const once = 0.5 * (at(0) + at(1) + at(2)) + 1;
  expect(volume!.data[9]).toBeCloseTo(0.5 * 3 * once + 1, 5);
  expect(network.manifest.output.values).toBe("logit");
});

test("batch normalization out of training mode keeps its statistics", async () => {
  const statistics = (value: number): LuaWritable => ({
    shape: [3],
    data: new Float32Array(3).fill(value),
  });
  const norm = nn("SpatialBatchNormalization", {
    ...{ eps: 0, train: false, weight: statistics(2), bias: statistics(1) },
    ...{ running_mean: statistics(0.5), running_var: statistics(4) },
  });
  const network = importVrn(writeTorch7(sequential(conv(3, 3), norm, upsample)));
  const image = picture(3, 8, 8);
  const [volume] = await runNetwork(network, { image }, ["volume"]);
  const sum = image.data[9]! + image.data[64 + 9]! + image.data[128 + 9]!;
  expect(volume!.data[9]).toBeCloseTo((2 * (0.5 * sum + 1 - 0.5)) / 2 + 1, 5);
});

test.each([
  ["layer", 'layer 1: a module "Dropout" is not known here', sequential(conv(3, 2), nn("Dropout"))],
  ["layer", "layer 0.1: expected a module of nn", sequential(sequential(conv(3, 2), 5), upsample)],
  ["layer", "layer 1: expected 4 planes, got 2", sequential(conv(3, 2), conv(4, 2))],
  ["layer", "has no kW of 1 or more", sequential(conv(3, 2, { kW: 0 }))],
  [
    "layer",
    "layer 2: expected a list of planes",
    sequential(conv(3, 2), upsample, nn("CAddTable")),
  ],
  [
    "layer",
    "of one size, got 2×8×8 and 1×8×8",
    sequential(
      conv(3, 2),
      upsample,
      nn("ConcatTable", { modules: [conv(2, 2), conv(2, 1)] }),
      nn("CAddTable"),
    ),
  ],
  [
    "layer",
    "expected one volume, got outputs of 2 and 2 planes",
    sequential(nn("ConcatTable", { modules: [conv(3, 2), conv(3, 2)] })),
  ],
  [
    "layer",
    "expected a size of 1 to 4096",
    sequential(conv(3, 2), nn("SpatialUpSamplingBilinear", { oheight: 1e9, owidth: 8 })),
  ],
  ["missing", 'layer 0: expected a tensor "weight"', sequential(conv(3, 2, { weight: null }))],
  [
    "shape",
    "layer 0: weight: expected [2, 3, 1, 1], got [2, 5]",
    sequential(conv(3, 2, { weight: { shape: [2, 5], data: new Float32Array(10) } })),
  ],
  ["shape", "expected 3 or 71 input planes, got 4", sequential(conv(4, 2))],
  ["unknown", "expected a network of convolutions", sequential(nn("ReLU"))],
] as const)("%s: %s", (code, message, tree) => {
  const thrown = thrownBy(() => importVrn(writeTorch7(tree as LuaWritable)));
  expect(isNetworkError(thrown) && thrown.code).toBe(code);
  expect((thrown as Error).message).toContain(message);
});

test("trees without end or with more layers than any network end", () => {
  const knot = { className: "nn.Sequential", fields: { modules: [] as LuaWritable[] } };
  knot.fields.modules.push(conv(3, 3), knot);
  // 2³⁰ applications of one layer.
  let nest = conv(3, 3);
  for (let i = 0; i < 30; i++) nest = sequential(nest, nest);
  for (const tree of [knot, nest]) {
    const thrown = thrownBy(() => importVrn(writeTorch7(tree)));
    expect(isNetworkError(thrown) && thrown.code).toBe("layer");
  }
});

test("a damaged file ends in a tagged error, or in a network (seed 3)", () => {
  let refused = 0;
  for (const damaged of changed(bytes, 60, 3)) {
    const thrown = thrownBy(() => importVrn(damaged)) as { tag?: unknown } | undefined;
    if (!thrown) continue;
    expect(["format", "network"]).toContain(thrown.tag);
    refused++;
  }
  expect(refused).toBeGreaterThan(20);
});

function thrownBy(run: () => unknown): unknown {
  try {
    run();
    return undefined;
  } catch (error) {
    return error;
  }
}

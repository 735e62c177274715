import { readTorch } from "@headform/formats/torch";
import { createTensor } from "@headform/inference";
import { importPix2face, isNetworkError } from "@headform/networks/import";
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
} from "./published.ts";
import { writeState } from "./write-state.ts";

test.each(placesOf("pix2face.pt"))(
  "%s: the planes are PyTorch's",
  async (_size, folder) => {
    const network = importPix2face(readBytes(folder, "pix2face.pt"));
    const reference = readReference(folder, "pix2face");
    const image = picture(3, 256, 256);
    const input = createTensor(
      "float32",
      image.dims,
      image.data.map((value) => value - 0.5),
    );
    const found = await runNetwork(network, { image: input }, ["planes"]);
    // Planes lie in −1…1; what is left is the order of single-precision sums.
    const worst = compare(found, reference);
    console.log(`pix2face, ${_size}: largest difference ${worst.toExponential(1)}`);
    expect(worst).toBeLessThan(1e-4);
    const weights = reference.parameters as number;
    const { parameters } = readOnnx(network.model);
    // Beside the weights: scales of ones and zeros, one pair for each width, and the four of "double".
    expect(parameters - weights).toBeLessThan(5000);
    expect(network.manifest.kind).toBe("dense");
  },
  120_000,
);

const state = readTorch(readBytes(THIN, "pix2face.pt")) as Map<string, never>;

test("a network of PNCC alone gets offsets of zero", async () => {
  const three = new Map(state);
  three.set("dconv8.weight", firstRows(state.get("dconv8.weight")!, 3));
  three.set("dconv8.bias", firstRows(state.get("dconv8.bias")!, 3));
  // Running statistics of the oldest files are passed over.
  three.set("conv2_bn.running_mean", state.get("conv2.bias")!);
  const feeds = { image: picture(3, 256, 256) };
  const [alone] = await runNetwork(importPix2face(writeState(three)), feeds, ["planes"]);
  const [whole] = await runNetwork(importPix2face(writeState(state)), feeds, ["planes"]);
  const half = alone!.data.length / 2;
  expect(alone!.data.slice(0, half)).toEqual(whole!.data.slice(0, half));
  expect((alone!.data as Float32Array).subarray(half).every((value) => value === 0)).toBe(true);
});

test.each([
  ["unknown", "expected a state dict with conv1 … dconv8", () => new Map()],
  ["missing", 'a tensor "conv3.bias", got none', () => without("conv3.bias")],
  [
    "shape",
    'tensor "dconv2.weight": expected [any, 32, 3, 3], got [16]',
    () => new Map(state).set("dconv2.weight", state.get("conv5.bias")!),
  ],
  [
    "shape",
    "expected 3 or 6 planes from dconv8, got 4",
    () => {
      const four = new Map(state);
      four.set("dconv8.weight", firstRows(state.get("dconv8.weight")!, 4));
      return four.set("dconv8.bias", firstRows(state.get("dconv8.bias")!, 4));
    },
  ],
])("%s: %s", (code, message, make) => {
  let thrown: unknown;
  try {
    importPix2face(writeState(make() as Map<string, never>));
  } catch (error) {
    thrown = error;
  }
  expect(isNetworkError(thrown) && thrown.code).toBe(code);
  expect((thrown as Error).message).toContain(message);
});

test("no file of torch at all", () => {
  expect(() => importPix2face(new Uint8Array(100))).toThrow("neither a zip nor a stream");
});

function without(name: string): Map<string, never> {
  const less = new Map(state);
  less.delete(name);
  return less;
}

function firstRows(tensor: { shape: readonly number[] }, count: number): never {
  return { ...tensor, shape: [count, ...tensor.shape.slice(1)] } as never;
}

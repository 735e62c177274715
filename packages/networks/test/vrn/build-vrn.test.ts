import { readTorch, type Tensor } from "@headform/formats/torch";
import { readOnnx } from "@headform/networks/onnx";
import { buildVrn, isNetworkError, type VrnVariant } from "@headform/networks/vrn";
import { describe, expect, test } from "vitest";
import {
  compare,
  FULL,
  picture,
  placesOf,
  readBytes,
  readReference,
  runNetwork,
  THIN,
} from "../import/published.ts";

const state = (folder: string, variant: string): Map<string, Tensor> =>
  readTorch(readBytes(folder, `vrn-${variant}.pt`)) as unknown as Map<string, Tensor>;
const thin = { width: 8, size: 32, planes: 10 };

describe.each(["multitask", "guided"] as const)("%s, weights of a training", (variant) => {
  test.each(placesOf(`vrn-${variant}.pt`))(
    "%s: the outputs are PyTorch's",
    async (size, folder) => {
      const shape = folder === FULL ? {} : thin;
      const network = buildVrn(variant, { ...shape, weights: state(folder, variant) });
      const side = network.manifest.input.width;
      const image = picture(variant === "guided" ? 71 : 3, side, side);
      const names = variant === "multitask" ? ["volume", "landmarks"] : ["volume"];
      const found = await runNetwork(network, { image }, names);
      const worst = compare(found, readReference(folder, `vrn-${variant}`));
      console.log(`vrn-${variant}, ${size}: largest difference ${worst.toExponential(1)}`);
      // As for the published network; heatmaps reach ±6, where PyTorch's own single precision is
      // 1.3e-4 from its double.
      expect(worst).toBeLessThan(1e-4);
    },
    300_000,
  );
});

test("the manifest says what is guided and what has landmarks", () => {
  const manifests = (["plain", "multitask", "guided"] as VrnVariant[]).map(
    (variant) => buildVrn(variant, thin).manifest,
  );
  expect(manifests.map(({ guide }) => guide)).toEqual([
    undefined,
    undefined,
    { sigma: 1, diameter: 6 },
  ]);
  expect(manifests.map(({ output }) => output.landmarks)).toEqual([
    undefined,
    { name: "landmarks", width: 32, height: 32 },
    undefined,
  ]);
});

test("the paper's size has the published number of weights", () => {
  const { parameters } = readOnnx(buildVrn("plain").model);
  // As counted in a public dump of the file, and the constants of doubling and size.
  expect(parameters).toBe(19_184_968 + 8);
});

test("random weights come from the seed", () => {
  const model = (seed: number): Uint8Array => buildVrn("plain", { ...thin, seed }).model;
  expect(Buffer.compare(model(1), model(1))).toBe(0);
  expect(Buffer.compare(model(1), model(2))).not.toBe(0);
});

test("errors", () => {
  expect(() => buildVrn("other" as VrnVariant)).toThrow(RangeError);
  expect(() => buildVrn("plain", { width: 6 })).toThrow("width a multiple of 4, got 6");
  expect(() => buildVrn("plain", { size: 20 })).toThrow("size a multiple of 8, got 20");
  const weights = state(THIN, "guided");
  weights.delete("0.bias");
  for (const [more, code] of [
    [thin, "missing"],
    [{ ...thin, width: 16 }, "shape"],
  ] as const) {
    try {
      buildVrn("guided", { ...more, weights });
      expect.unreachable();
    } catch (error) {
      expect(isNetworkError(error) && error.code).toBe(code);
    }
  }
});

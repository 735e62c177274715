import { readTorch } from "@headform/formats/torch";
import { readManifest } from "@headform/inference";
import { importMica, isNetworkError, sealManifest } from "@headform/networks/import";
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
import { writeState } from "../import/write-state.ts";

test.each(placesOf("mica.tar"))(
  "%s: the coefficients are PyTorch's",
  async (size, folder) => {
    const network = importMica(readBytes(folder, "mica.tar"));
    const image = picture(3, 112, 112);
    const input = { ...image, data: image.data.map((value) => 2 * value - 1) };
    const found = await runNetwork(network, { image: input }, ["identity"]);
    const worst = compare(found, readReference(folder, "mica"));
    console.log(`mica, ${size}: largest difference ${worst.toExponential(1)}`);
    // Coefficients in standard deviations: a hundredth of one is a hair's breadth.
    expect(worst).toBeLessThan(1e-4);
    expect(network.manifest.output).toEqual({ name: "identity", count: 300 });
    const manifest = await sealManifest(network, "mica.onnx");
    expect(readManifest(JSON.stringify(manifest))).toEqual(manifest);
    // The head model is left behind: it is under another licence.
    expect(new TextDecoder("latin1").decode(network.model)).not.toContain("shapedirs");
  },
  300_000,
);

type Parts = Map<string, Map<string, never>>;
const parts = readTorch(readBytes(THIN, "mica.tar")) as unknown as Parts;

function changed(part: string, name: string, value?: unknown): Uint8Array {
  const copy = new Map([...parts].map(([key, tensors]) => [key, new Map(tensors)]));
  if (value) copy.get(part)!.set(name, value as never);
  else copy.get(part)!.delete(name);
  return writeState(copy);
}

test.each([
  ["unknown", 'a state dict "flameModel"', () => writeState(new Map([...parts].slice(0, 1)))],
  [
    "missing",
    '"layer2.1.bn3.running_var", got none',
    () => changed("arcface", "layer2.1.bn3.running_var"),
  ],
  [
    "shape",
    '"fc.weight": expected [any, 1568]',
    () => changed("arcface", "fc.weight", parts.get("arcface")!.get("conv1.weight")),
  ],
  ["missing", '"regressor.output.weight"', () => changed("flameModel", "regressor.output.weight")],
])("%s: %s", (code, message, make) => {
  try {
    importMica(make());
    expect.unreachable();
  } catch (error) {
    expect((error as Error).message).toContain(message);
    expect(isNetworkError(error) && error.code).toBe(code);
  }
});

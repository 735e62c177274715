import { type PickleValue, readTorch, type Tensor } from "@headform/formats/torch";
import { readManifest } from "@headform/inference";
import { importPixel3dmm, isNetworkError, sealManifest } from "@headform/networks/import";
import { readOnnx } from "@headform/networks/onnx";
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
import { writeState } from "../import/write-state.ts";

const grid = 8;

// "uv" has DINO's first transformer; "normals" the second with patches of 14, places and views.
describe.each([
  ["uv", 16, ["uv.u", "uv.v"]],
  ["normals", 14, ["normal.x", "normal.y", "normal.z"]],
] as const)("%s", (kind, patch, channels) => {
  const file = `pixel3dmm-${kind}.ckpt`;
  test.each(placesOf(file))(
    "%s: the planes are PyTorch's",
    async (size, folder) => {
      const bytes = readBytes(folder, file);
      const network = importPixel3dmm(bytes, folder === FULL ? {} : { grid });
      const reference = readReference(folder, `pixel3dmm-${kind}`);
      const { input, output } = network.manifest;
      const found = await runNetwork(network, { image: picture(3, input.height, input.width) }, [
        "planes",
      ]);
      const worst = compare(found, reference);
      console.log(`pixel3dmm-${kind}, ${size}: largest difference ${worst.toExponential(1)}`);
      // A hundredth of what the eight bits of the release's own pictures keep is 4e-5; single
      // precision through four attentions is what is left.
      expect(worst).toBeLessThan(1e-3);
      expect(output.channels).toEqual(channels);
      expect(input.width).toBe((patch * output.width) / 16);
      const manifest = await sealManifest(network, "network.onnx");
      expect(readManifest(JSON.stringify(manifest))).toEqual(manifest);
      expect(readOnnx(network.model).outputs).toEqual([
        {
          name: "planes",
          type: "float32",
          dims: [1, channels.length, output.height, output.width],
        },
      ]);
      // The file's weights, written once: what is not used is left behind.
      expect(network.model.length).toBeLessThan(1.05 * bytes.length + 100_000);
    },
    600_000,
  );
});

type Checkpoint = Map<string, unknown>;
const checkpoint = readTorch(readBytes(THIN, "pixel3dmm-uv.ckpt")) as unknown as Checkpoint;
const state = checkpoint.get("state_dict") as Map<string, Tensor>;

/** The checkpoint with other tensors and settings, as the tests' own writer saves it. */
function changed(
  changes: Readonly<Record<string, Tensor | undefined>>,
  settings: Map<string, unknown> = new Map([["num_heads", 4]]),
): Uint8Array {
  const tensors = new Map(state);
  for (const [name, tensor] of Object.entries(changes)) {
    if (tensor) tensors.set(name, tensor);
    else tensors.delete(name);
  }
  return writeState(
    new Map<string, unknown>([
      ["state_dict", tensors],
      ["hyper_parameters", settings],
    ]),
  );
}

const tensor = (shape: number[]): Tensor => {
  const bytes = new Uint8Array(4 * shape.reduce((product, size) => product * size, 1));
  const strides = shape.map((_, i) => shape.slice(i + 1).reduce((a, b) => a * b, 1));
  return {
    kind: "tensor",
    dtype: "float32",
    shape,
    strides,
    offset: 0,
    storage: bytes,
    requiresGrad: false,
  };
};

test("settings are found in plain maps, too; heads may be given", () => {
  const plain = new Map([["cfg", new Map([["model", new Map([["num_heads", 4]])]])]]);
  const [found, given] = [
    importPixel3dmm(changed({}, plain), { grid }),
    importPixel3dmm(changed({}, new Map()), { grid, heads: 4 }),
  ];
  expect(Buffer.compare(found.model, given.model)).toBe(0);
  const two = importPixel3dmm(changed({}, plain), { grid, heads: 2 });
  expect(Buffer.compare(two.model, found.model)).not.toBe(0);
});

test("further planes, as of disentangled normals, are left out", () => {
  const six = {
    "net.token_2_patch_content.weight": tensor([24, 32]),
    "net.token_2_patch_content.bias": tensor([24]),
  };
  const settings = new Map<string, PickleValue>([
    ["num_heads", 4],
    ["prediction_type", "normals"],
  ]);
  const { model, manifest } = importPixel3dmm(changed(six, settings), { grid });
  expect(manifest.output.channels).toHaveLength(3);
  expect(readOnnx(model).outputs[0]!.dims).toEqual([1, 3, 128, 128]);
});

const encoder = "net.img_encoder.model.";
test.each([
  [
    "unknown",
    "a state_dict that has img_encoder.model.pos_embed",
    { [`${encoder}pos_embed`]: undefined },
  ],
  [
    "missing",
    '"vol_decoder.layers.0.norm3.bias", got none',
    { "net.vol_decoder.layers.0.norm3.bias": undefined },
  ],
  [
    "missing",
    '"img_encoder.model.blocks.0.norm1.weight"',
    { [`${encoder}blocks.0.norm1.weight`]: undefined },
  ],
  // A gap among the layers is a missing layer, not a smaller network.
  [
    "missing",
    '"img_encoder.model.blocks.1.mlp.fc1.weight"',
    { [`${encoder}blocks.2.norm1.weight`]: tensor([128]) },
  ],
  [
    "shape",
    '"t_conv2.weight": expected [32, 32, 2, 2], got [32, 16, 2, 2]',
    { "net.t_conv2.weight": tensor([32, 16, 2, 2]) },
  ],
  ["shape", "expected 1 + n² rows, got 12", { [`${encoder}pos_embed`]: tensor([1, 12, 128]) }],
  [
    "shape",
    "expected square patches",
    { [`${encoder}patch_embed.proj.weight`]: tensor([128, 3, 16, 14]) },
  ],
  ["layer", "register tokens", { [`${encoder}reg_token`]: tensor([1, 4, 128]) }],
  [
    "layer",
    "planes of uv_map or normals, got 5",
    {
      "net.token_2_patch_content.weight": tensor([20, 32]),
    },
  ],
] as const)("%s: %s", (code, message, changes) => {
  const thrown = thrownBy(() => importPixel3dmm(changed(changes), { grid }));
  expect((thrown as Error).message).toContain(message);
  expect(isNetworkError(thrown) && thrown.code).toBe(code);
});

test.each([
  ["got undefined", new Map()],
  ["got 5", new Map([["num_heads", 5]])],
])("a configuration without heads that fit: %s", (message, settings) => {
  const thrown = thrownBy(() => importPixel3dmm(changed({}, settings), { grid }));
  expect(isNetworkError(thrown) && thrown.subject).toBe("num_heads");
  expect((thrown as Error).message).toContain(message);
});

test("a checkpoint of another network", () => {
  const thrown = thrownBy(() => importPixel3dmm(readBytes(THIN, "pix2face.pt")));
  expect(isNetworkError(thrown) && thrown.code).toBe("unknown");
});

function thrownBy(run: () => unknown): unknown {
  try {
    run();
    return undefined;
  } catch (error) {
    return error;
  }
}

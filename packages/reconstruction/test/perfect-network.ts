import type { Backend, DenseManifest, Session, Tensor } from "@headform/inference";
import type { CorrespondenceMaps } from "@headform/morphable-model";

const BOX = { min: [-0.2, -0.2, -0.2], max: [0.2, 0.2, 0.2] } as const;

/** Manifest of a network that sees perfectly. */
export function perfectManifest(size: number): DenseManifest {
  return {
    version: 1,
    kind: "dense",
    name: "perfect",
    networkVersion: "1",
    file: "perfect.onnx",
    bytes: 1,
    sha256: "0".repeat(64),
    licence: "MIT",
    trainedOn: "nothing",
    input: {
      name: "image",
      layout: "NCHW",
      channels: "RGB",
      range: [0, 1],
      width: 2 * size,
      height: 2 * size,
    },
    crop: { rule: "landmark-box", scale: 1.5 },
    output: {
      name: "planes",
      width: size,
      height: size,
      channels: [
        "amodal-logit",
        "visible-logit",
        "pncc.x",
        "pncc.y",
        "pncc.z",
        "offset.x",
        "offset.y",
        "offset.z",
      ],
      pncc: BOX,
      offset: BOX,
      unit: "m",
    },
  };
}

/** A backend whose networks give what `see` says, run by run, of what they are fed and their own bytes. */
export function backendOf(
  see: (feeds: Readonly<Record<string, Tensor>>, model: Uint8Array) => Tensor,
): Backend & {
  released: number;
  runs: number;
} {
  const backend = {
    name: "stub",
    tried: [{ name: "stub", ok: true }],
    released: 0,
    runs: 0,
    release: async (): Promise<void> => {},
    createSession: async (model: Uint8Array): Promise<Session> => ({
      inputNames: ["image"],
      outputNames: ["planes"],
      inputs: [],
      backend: "stub",
      run: async (feeds) => {
        backend.runs++;
        return { planes: see(feeds, model) };
      },
      release: async () => {
        backend.released++;
      },
    }),
  };
  return backend;
}

/** The planes a perfect network would give for these maps. */
export function planesOf(maps: CorrespondenceMaps): Tensor<"float32"> {
  const size = maps.width * maps.height;
  const data = new Float32Array(8 * size);
  for (let i = 0; i < size; i++) {
    const logit = maps.visible[i] > 0.5 ? 12 : -12;
    data[i] = logit;
    data[size + i] = logit;
    for (let axis = 0; axis < 3; axis++) {
      data[(2 + axis) * size + i] = maps.pncc[3 * i + axis] / 0.2;
      data[(5 + axis) * size + i] = maps.offset[3 * i + axis] / 0.2;
    }
  }
  return { type: "float32", dims: [1, 8, maps.height, maps.width], data };
}

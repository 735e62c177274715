import type { VolumeManifest } from "@headform/inference";
import type { ImportedNetwork } from "../import/imported-network.ts";
import { NetworkError } from "../network-error.ts";
import { addInput, addNode, addOutput, createGraph } from "../onnx/graph.ts";
import { writeOnnx } from "../onnx/write-onnx.ts";
import { emitLayers, isList, type Planes, type Value } from "./emit-layers.ts";
import { LANDMARKS } from "./guide.ts";
import type { Layer, WeightSource } from "./layers.ts";

/** What VRN's networks have in common, whoever trained them. */
type Origin = Pick<VolumeManifest, "name" | "networkVersion" | "licence" | "trainedOn" | "crop">;

/**
 * The ONNX of a tree that gives a volume, and perhaps heatmaps of landmarks besides.
 *
 * @param channels 3 for a picture, 71 for a picture and the Gaussians of 68 landmarks
 * @param size height and width of the input
 * @throws NetworkError when the tree's layers do not fit, or it gives something else
 */
export function volumeNetwork(
  tree: { readonly root: Layer; readonly source: WeightSource },
  { channels, size }: { readonly channels: number; readonly size: number },
  origin: Origin,
  caller: string,
): ImportedNetwork<VolumeManifest> {
  if (channels !== 3 && channels !== 3 + LANDMARKS) {
    throw new NetworkError("shape", `${caller}: expected 3 or 71 input planes, got ${channels}`);
  }
  const graph = createGraph(origin.name);
  const name = addInput(graph, "image", [1, channels, size, size]);
  const input = { name, channels, height: size, width: size, probability: false };
  const outputs = flatten(emitLayers(graph, tree.root, input, tree.source, caller));

  const landmarks =
    outputs.length === 2 ? outputs.find((o) => o.channels === LANDMARKS) : undefined;
  const volumes = outputs.filter((output) => output !== landmarks);
  const volume = volumes[0];
  if (!volume || volumes.length > 1) {
    const got = outputs.map((o) => o.channels).join(" and ");
    throw new NetworkError("layer", `${caller}: expected one volume, got outputs of ${got} planes`);
  }
  for (const [key, value] of Object.entries({ volume, landmarks })) {
    if (!value) continue;
    addNode(graph, "Identity", [value.name], {}, key);
    addOutput(graph, key, [1, value.channels, value.height, value.width]);
  }
  const spacing = [size / volume.width, size / volume.height] as const;
  return {
    model: writeOnnx(graph),
    manifest: {
      version: 1,
      kind: "volume",
      ...origin,
      input: { name, layout: "NCHW", channels: "RGB", range: [0, 1], width: size, height: size },
      ...(channels > 3 && { guide: { sigma: 1, diameter: 6 } }),
      output: {
        name: "volume",
        dims: [volume.width, volume.height, volume.channels],
        // Depth is twice as fine as the picture.
        spacing: [...spacing, spacing[0] / 2],
        nearest: "last",
        values: volume.probability ? "probability" : "logit",
        ...(landmarks && {
          landmarks: { name: "landmarks", width: landmarks.width, height: landmarks.height },
        }),
      },
    },
  };
}

function flatten(value: Value): Planes[] {
  return isList(value) ? value.flatMap(flatten) : [value];
}

import { readTorch7 } from "@headform/formats/torch7";
import type { VolumeManifest } from "@headform/inference";
import type { ImportedNetwork } from "../import/imported-network.ts";
import { NetworkError } from "../network-error.ts";
import type { Layer } from "./layers.ts";
import { readTree } from "./read-tree.ts";
import { volumeNetwork } from "./volume-network.ts";

/** Side of VRN's input where the tree does not say it. */
const SIDE = 192;

/**
 * Makes ONNX of VRN's published network (`vrn-unguided.t7`), or of one with 71 input planes or a
 * second output that was trained and saved the same way.
 *
 * The tree of modules is followed as it lies in the file. Batch normalization that was left in
 * training mode, as VRN's is, takes the statistics of the picture at hand, which for one picture is
 * instance normalization; the running statistics would give something else.
 *
 * @param bytes of a `.t7` file
 * @throws FormatError when the bytes are no file of Torch7
 * @throws NetworkError when a module is not known, layers do not fit, or a tensor is missing
 * @see VRN, §3.3; design of the published tree: hourglasses that recurse on the branch not pooled
 */
export function importVrn(bytes: Uint8Array): ImportedNetwork<VolumeManifest> {
  const caller = "importVrn";
  const tree = readTree(readTorch7(bytes), caller);
  const first = find(tree.root, "convolution");
  if (!first) throw new NetworkError("unknown", `${caller}: expected a network of convolutions`);
  const size = find(tree.root, "bilinear")?.height ?? SIDE;
  return volumeNetwork(
    tree,
    { channels: first.inputs, size },
    {
      name: first.inputs > 3 ? "vrn-guided" : "vrn-unguided",
      networkVersion: "published",
      licence: "MIT, as its authors' repository",
      trainedOn: "what its authors trained on: 300W-LP (VRN, section 4)",
      crop: { rule: "vrn-box", scale: SIDE / 90 },
    },
    caller,
  );
}

/** The first layer of a kind, in the order in which a picture meets them. */
function find<Kind extends Layer["kind"]>(
  layer: Layer,
  kind: Kind,
): Extract<Layer, { readonly kind: Kind }> | undefined {
  const seen = new Set<Layer>();
  const search = (at: Layer): Layer | undefined => {
    if (at.kind === kind) return at;
    if (seen.has(at) || !("children" in at)) return undefined;
    seen.add(at);
    for (const child of at.children) {
      const found = search(child);
      if (found) return found;
    }
    return undefined;
  };
  return search(layer) as Extract<Layer, { readonly kind: Kind }> | undefined;
}

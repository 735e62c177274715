import {
  asChoice,
  asNumber,
  asNumbers,
  asObject,
  asText,
  type Fields,
  fail,
} from "./manifest-fields.ts";
import type { ImageInput, ManifestHead } from "./network-manifest.ts";

/** Which square of the photo a volume network sees. */
export type VolumeCrop =
  /** side = scale·(max(w,h)+√(w·h))/2 of the landmarks' box, around its middle. */
  | { readonly rule: "landmark-box"; readonly scale: number }
  /** VRN's script: side = scale·√(w·h), its left edge w/2 and its top edge h/2 before the box's. */
  | { readonly rule: "vrn-box"; readonly scale: number }
  /** VRN's figures: side = scale·√(w·h) around the mean of the landmarks. */
  | { readonly rule: "vrn-mean"; readonly scale: number };

/** How a volume network's planes are read. */
export interface VolumeOutput {
  readonly name: string;
  /** [3] samples along x, y, z: plane z of the output is layer z of the volume. */
  readonly dims: readonly [number, number, number];
  /** [3] from one sample to the next, pixels of the network's input. */
  readonly spacing: readonly [number, number, number];
  /** Whether the last or the first plane is nearest to the viewer. */
  readonly nearest: "last" | "first";
  /** What a sample is: already 0…1, or to be taken through the logistic function. */
  readonly values: "probability" | "logit";
  /** VRN-Multitask's second output: a heatmap [1×68×height×width] of each landmark over the input. */
  readonly landmarks?: { readonly name: string; readonly width: number; readonly height: number };
}

/** A network that says of each voxel of a box, aligned with its input, whether it is inside the face. */
export interface VolumeManifest extends ManifestHead {
  readonly kind: "volume";
  readonly input: ImageInput & { readonly width: number; readonly height: number };
  /** Planes after the picture's, one Gaussian of each of 68 landmarks; absent: the picture alone. */
  readonly guide?: { readonly sigma: number; readonly diameter: number };
  readonly crop: VolumeCrop;
  readonly output: VolumeOutput;
}

/** Throws unless the fields are a volume network's. */
export function checkVolume(root: Fields): void {
  const input = root.input as Fields;
  asNumber(input.width, "input.width", 1);
  asNumber(input.height, "input.height", 1);
  if (root.guide !== undefined) {
    const guide = asObject(root.guide, "guide");
    asNumber(guide.sigma, "guide.sigma", Number.MIN_VALUE);
    asNumber(guide.diameter, "guide.diameter", 1);
  }
  const crop = asObject(root.crop, "crop");
  asChoice(crop.rule, "crop.rule", ["landmark-box", "vrn-box", "vrn-mean"]);
  asNumber(crop.scale, "crop.scale", Number.MIN_VALUE);
  const output = asObject(root.output, "output");
  asText(output.name, "output.name");
  for (const size of asNumbers(output.dims, "output.dims", 3)) {
    if (!Number.isSafeInteger(size) || size < 1) fail("output.dims", "whole numbers ≥ 1", size);
  }
  for (const step of asNumbers(output.spacing, "output.spacing", 3)) {
    asNumber(step, "output.spacing", Number.MIN_VALUE);
  }
  asChoice(output.nearest, "output.nearest", ["last", "first"]);
  asChoice(output.values, "output.values", ["probability", "logit"]);
  if (output.landmarks !== undefined) {
    const landmarks = asObject(output.landmarks, "output.landmarks");
    asText(landmarks.name, "output.landmarks.name");
    asNumber(landmarks.width, "output.landmarks.width", 1);
    asNumber(landmarks.height, "output.landmarks.height", 1);
  }
}

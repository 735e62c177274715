import { InferenceError } from "./inference-error.ts";
import {
  asList,
  asNumber,
  asNumbers,
  asObject,
  asText,
  type Fields,
  fail,
} from "./manifest-fields.ts";
import {
  checkIdentity,
  checkSegmentation,
  checkSurface,
  type IdentityManifest,
  type SegmentationManifest,
  type SurfaceManifest,
} from "./surface-manifest.ts";
import { checkVolume, type VolumeManifest } from "./volume-manifest.ts";

/** What every network's manifest says: whose it is, and which bytes. */
export interface ManifestHead {
  readonly version: 1;
  readonly name: string;
  readonly networkVersion: string;
  /** File name of the ONNX network, beside the manifest. */
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly licence: string;
  readonly trainedOn: string;
}

/** A box of model space that a network's values in [-1, 1] stand for: v·(max−min)/2 + (max+min)/2. */
export interface ValueBox {
  readonly min: readonly [number, number, number];
  readonly max: readonly [number, number, number];
}

/** An image input: which pixels, in which range. */
export interface ImageInput {
  readonly name: string;
  readonly layout: "NCHW";
  readonly channels: "RGB" | "BGR";
  /** Values of black and of white. */
  readonly range: readonly [number, number];
  /** [3] taken from the values of each plane, in the planes' order; zeros unless told. */
  readonly mean?: readonly [number, number, number];
  /** [3] by which what is left is divided; ones unless told. */
  readonly std?: readonly [number, number, number];
}

/**
 * A plane of a dense network. Positions and offsets are needed; the rest may be absent. `uv` is the
 * open head's, 0 to 1; `normal` unit, model frame; `segment` logits of one choice out of eight;
 * `confidence` the logarithm of the expected PNCC error in the output's unit.
 */
export type DenseChannel =
  | "amodal-logit"
  | "visible-logit"
  | "pncc.x"
  | "pncc.y"
  | "pncc.z"
  | "offset.x"
  | "offset.y"
  | "offset.z"
  | "uv.u"
  | "uv.v"
  | "normal.x"
  | "normal.y"
  | "normal.z"
  | "segment.background"
  | "segment.face"
  | "segment.ears"
  | "segment.neck"
  | "segment.eyes"
  | "segment.mouth"
  | "segment.hair"
  | "segment.other"
  | "confidence";

/** How a dense network's planes are read. */
export interface DenseOutput {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly channels: readonly DenseChannel[];
  readonly pncc: ValueBox;
  readonly offset: ValueBox;
  readonly unit: "m" | "mm";
  /** For networks without logits: a pixel is background where |PNCC| ≤ distance, and this near to one. */
  readonly background?: { readonly distance: number; readonly erosion: number };
}

/** Which square of the photo a dense network sees. */
export interface DenseCrop {
  /** `landmark-box`: side = scale·(max(w,h)+√(w·h))/2; `shorter-side`: side = scale·min(w,h). */
  readonly rule: "landmark-box" | "shorter-side";
  readonly scale: number;
}

/** A network that says for each pixel which point of the mean face it shows, and how far that point moved. */
export interface DenseManifest extends ManifestHead {
  readonly kind: "dense";
  readonly input: ImageInput & { readonly width: number; readonly height: number };
  readonly crop: DenseCrop;
  readonly output: DenseOutput;
}

/** A network that finds faces in a picture of any size. */
export interface DetectorManifest extends ManifestHead {
  readonly kind: "detector";
  readonly input: ImageInput & {
    readonly multipleOf: number;
    /** Longer sides to look at the photo in, in pixels. */
    readonly sizes: readonly number[];
  };
  readonly outputs: readonly { readonly name: string; readonly stride: number }[];
  /** The decode rule in words, for readers. */
  readonly box: string;
  readonly threshold: number;
  readonly nms: number;
}

/** The file that travels with a network. */
export type NetworkManifest =
  | DenseManifest
  | DetectorManifest
  | VolumeManifest
  | SurfaceManifest
  | IdentityManifest
  | SegmentationManifest;

/**
 * Reads and checks a manifest.
 *
 * @param json the file's text, or what `JSON.parse` made of it
 * @throws InferenceError with code `"manifest"` and the field that is wrong
 */
export function readManifest(json: unknown): NetworkManifest {
  let value = json;
  if (typeof json === "string") {
    try {
      value = JSON.parse(json);
    } catch (cause) {
      throw new InferenceError("manifest", "readManifest: expected JSON", { cause });
    }
  }
  const root = asObject(value, "manifest");
  if (root.version !== 1) fail("version", "1", root.version);
  for (const field of ["name", "networkVersion", "file", "licence", "trainedOn"]) {
    asText(root[field], field);
  }
  if (/[\\/]/.test(root.file as string)) fail("file", "a plain file name", root.file);
  asNumber(root.bytes, "bytes", 1);
  if (!/^[0-9a-f]{64}$/i.test(asText(root.sha256, "sha256"))) {
    fail("sha256", "64 hexadecimal digits", root.sha256);
  }
  checkImageInput(asObject(root.input, "input"));
  const kind = root.kind ?? ("output" in root ? "dense" : undefined);
  if (kind === "dense") checkDense(root);
  else if (kind === "detector") checkDetector(root);
  else if (kind === "volume") checkVolume(root);
  else if (kind === "surface") checkSurface(root);
  else if (kind === "identity") checkIdentity(root);
  else if (kind === "segmentation") checkSegmentation(root);
  else fail("kind", "dense, detector, volume, surface, identity or segmentation", root.kind);
  return { ...root, kind } as unknown as NetworkManifest;
}

const denseChannels: Readonly<Record<DenseChannel, "needed" | "optional">> = {
  "amodal-logit": "optional",
  "visible-logit": "optional",
  "pncc.x": "needed",
  "pncc.y": "needed",
  "pncc.z": "needed",
  "offset.x": "needed",
  "offset.y": "needed",
  "offset.z": "needed",
  "uv.u": "optional",
  "uv.v": "optional",
  "normal.x": "optional",
  "normal.y": "optional",
  "normal.z": "optional",
  "segment.background": "optional",
  "segment.face": "optional",
  "segment.ears": "optional",
  "segment.neck": "optional",
  "segment.eyes": "optional",
  "segment.mouth": "optional",
  "segment.hair": "optional",
  "segment.other": "optional",
  confidence: "optional",
};

function checkImageInput(input: Fields): void {
  asText(input.name, "input.name");
  if (input.layout !== "NCHW") fail("input.layout", "NCHW", input.layout);
  if (input.channels !== "RGB" && input.channels !== "BGR") {
    fail("input.channels", "RGB or BGR", input.channels);
  }
  asNumbers(input.range, "input.range", 2);
  if (input.mean !== undefined) asNumbers(input.mean, "input.mean", 3);
  if (input.std !== undefined) {
    for (const std of asNumbers(input.std, "input.std", 3)) {
      asNumber(std, "input.std", Number.MIN_VALUE);
    }
  }
}

function checkDense(root: Fields): void {
  const input = root.input as Fields;
  asNumber(input.width, "input.width", 1);
  asNumber(input.height, "input.height", 1);
  const crop = asObject(root.crop, "crop");
  if (crop.rule !== "landmark-box" && crop.rule !== "shorter-side") {
    fail("crop.rule", "landmark-box or shorter-side", crop.rule);
  }
  asNumber(crop.scale, "crop.scale", Number.MIN_VALUE);
  const output = asObject(root.output, "output");
  asText(output.name, "output.name");
  asNumber(output.width, "output.width", 1);
  asNumber(output.height, "output.height", 1);
  const channels = asList(output.channels, "output.channels");
  for (const channel of channels) {
    if (typeof channel !== "string" || !Object.hasOwn(denseChannels, channel)) {
      fail("output.channels", `names out of ${Object.keys(denseChannels).join(", ")}`, channel);
    }
  }
  for (const [channel, need] of Object.entries(denseChannels)) {
    const needed = need === "needed";
    const count = channels.filter((c) => c === channel).length;
    if (count > 1 || (needed && count === 0)) {
      fail("output.channels", `"${channel}" once`, `${count} of it`);
    }
  }
  for (const field of ["pncc", "offset"]) {
    const box = asObject(output[field], `output.${field}`);
    asNumbers(box.min, `output.${field}.min`, 3);
    asNumbers(box.max, `output.${field}.max`, 3);
  }
  if (output.unit !== "m" && output.unit !== "mm") fail("output.unit", "m or mm", output.unit);
  if (output.background !== undefined) {
    const background = asObject(output.background, "output.background");
    asNumber(background.distance, "output.background.distance", 0);
    asNumber(background.erosion, "output.background.erosion", 0);
  } else if (!channels.includes("visible-logit")) {
    fail("output.background", "a background rule where there is no visible-logit", undefined);
  }
}

function checkDetector(root: Fields): void {
  const input = root.input as Fields;
  asNumber(input.multipleOf, "input.multipleOf", 1);
  asNumbers(input.sizes, "input.sizes").forEach((size) => {
    asNumber(size, "input.sizes", 1);
  });
  for (const [i, output] of asList(root.outputs, "outputs").entries()) {
    const fields = asObject(output, `outputs[${i}]`);
    asText(fields.name, `outputs[${i}].name`);
    asNumber(fields.stride, `outputs[${i}].stride`, 1);
  }
  asText(root.box, "box");
  asNumber(root.threshold, "threshold", 0);
  asNumber(root.nms, "nms", 0);
}

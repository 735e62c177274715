import {
  asChoice,
  asList,
  asNumber,
  asObject,
  asText,
  type Fields,
  fail,
} from "./manifest-fields.ts";
import type { ImageInput, ManifestHead } from "./network-manifest.ts";

/** A plane of a network that sees a head's surface: its uv in −1…1, its normals of any length. */
export type SurfaceChannel = "uv.u" | "uv.v" | "normal.x" | "normal.y" | "normal.z";

/** A network that says for each pixel where on a head's texture it lies, or how its surface faces. */
export interface SurfaceManifest extends ManifestHead {
  readonly kind: "surface";
  readonly input: ImageInput & { readonly width: number; readonly height: number };
  readonly output: {
    readonly name: string;
    readonly width: number;
    readonly height: number;
    /** In the order of the planes, as the network gives them, nothing clamped or turned. */
    readonly channels: readonly SurfaceChannel[];
  };
}

/** A network that knows a person by an upright picture of the face: numbers that say who it is. */
export interface IdentityManifest extends ManifestHead {
  readonly kind: "identity";
  readonly input: ImageInput & { readonly width: number; readonly height: number };
  readonly output: { readonly name: string; readonly count: number };
}

/** A network that says for each pixel of a face's crop which part it shows: a logit for each class. */
export interface SegmentationManifest extends ManifestHead {
  readonly kind: "segmentation";
  readonly input: ImageInput & { readonly width: number; readonly height: number };
  readonly output: {
    readonly name: string;
    readonly width: number;
    readonly height: number;
    /** Names in the order of the planes. */
    readonly classes: readonly string[];
  };
}

const channels: readonly string[] = ["uv.u", "uv.v", "normal.x", "normal.y", "normal.z"];

/** Throws unless the fields are a surface network's. */
export function checkSurface(root: Fields): void {
  checkSize(root.input as Fields, "input");
  const output = asObject(root.output, "output");
  asText(output.name, "output.name");
  checkSize(output, "output");
  const list = asList(output.channels, "output.channels");
  for (const channel of list) asChoice(channel, "output.channels", channels);
  if (new Set(list).size !== list.length) fail("output.channels", "each name once", list);
}

/** Throws unless the fields are an identity network's. */
export function checkIdentity(root: Fields): void {
  checkSize(root.input as Fields, "input");
  const output = asObject(root.output, "output");
  asText(output.name, "output.name");
  asNumber(output.count, "output.count", 1);
}

/** Throws unless the fields are a segmentation network's. */
export function checkSegmentation(root: Fields): void {
  checkSize(root.input as Fields, "input");
  const output = asObject(root.output, "output");
  asText(output.name, "output.name");
  checkSize(output, "output");
  const list = asList(output.classes, "output.classes");
  for (const name of list) asText(name, "output.classes");
  if (new Set(list).size !== list.length) fail("output.classes", "each name once", list);
}

function checkSize(fields: Fields, path: string): void {
  asNumber(fields.width, `${path}.width`, 1);
  asNumber(fields.height, `${path}.height`, 1);
}

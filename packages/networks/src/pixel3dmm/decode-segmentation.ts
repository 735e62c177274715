import type { SegmentationManifest, Tensor } from "@headform/inference";
import { SEGMENTS, type Segment, type SurfaceMaps } from "./surface-maps.ts";

/** The classes of CelebAMask-HQ in the order of FaRL's networks, and what each is here. */
const CLASSES: Readonly<Record<string, Segment>> = {
  background: "background",
  neck: "neck",
  face: "face",
  cloth: "other",
  rr: "ears",
  lr: "ears",
  rb: "face",
  lb: "face",
  re: "eyes",
  le: "eyes",
  nose: "face",
  imouth: "mouth",
  llip: "face",
  ulip: "face",
  hair: "hair",
  eyeg: "other",
  hat: "other",
  earr: "other",
  neck_l: "other",
};

/** FaRL's classes, for the manifest of such a network: `output.classes`. */
export const FARL_CLASSES: readonly string[] = Object.keys(CLASSES);

const SKIN: readonly Segment[] = ["face", "ears", "neck"];

/**
 * Reads which part of a face each pixel shows, in {@link SEGMENTS}: the class with the largest logit.
 * Where all logits are 0 the network saw nothing, which is not background either; classes of other
 * names than CelebAMask-HQ's count as something else.
 *
 * @param planes [1×C×H×W] float32 logits
 * @param format the network's output
 * @returns mask [H×W] 1 on skin, and segments [H×W]
 * @throws RangeError when the shape or type is not the format's
 * @see Pixel3DMM, section 3.2.1
 */
export function decodeSegmentation(
  planes: Tensor,
  { width, height, classes }: SegmentationManifest["output"],
): Pick<SurfaceMaps, "width" | "height" | "mask"> & { readonly segments: Uint8Array } {
  const dims = [1, classes.length, height, width];
  if (planes.type !== "float32" || planes.dims.join() !== dims.join()) {
    throw new RangeError(
      `decodeSegmentation: expected float32 [${dims}], got ${planes.type} [${planes.dims}]`,
    );
  }
  const data = planes.data as Float32Array;
  const size = width * height;
  const meanings = classes.map((name) =>
    SEGMENTS.indexOf(Object.hasOwn(CLASSES, name) ? CLASSES[name]! : "other"),
  );
  const segments = new Uint8Array(size).fill(SEGMENTS.indexOf("other"));
  const mask = new Float32Array(size);
  for (let p = 0; p < size; p++) {
    let best = 0;
    let seen = false;
    for (let c = 0; c < classes.length; c++) {
      const logit = data[c * size + p]!;
      if (logit !== 0) seen = true;
      if (logit > data[best * size + p]!) best = c;
    }
    if (!seen) continue;
    segments[p] = meanings[best]!;
    mask[p] = SKIN.includes(SEGMENTS[segments[p]!]!) ? 1 : 0;
  }
  return { width, height, mask, segments };
}

import type { Session } from "@headform/inference";
import type { Image } from "@headform/mesh";
import { resizeImage } from "@headform/raster";
import { imageTensor } from "../image-tensor.ts";
import { decodeDetections } from "./decode-detections.ts";
import { decodeYunet } from "./decode-yunet.ts";
import type { Detection, DetectorFormat } from "./detection.ts";
import { suppressOverlaps } from "./suppress-overlaps.ts";

/** Options of {@link detectFaces}; the defaults are the network's own. */
export interface DetectFacesOptions {
  /** Least score of a face. */
  readonly threshold?: number;
  /** Largest share of the smaller of two boxes that may overlap. */
  readonly nms?: number;
  /** Longer sides to look at the photo in, in pixels; a larger one finds smaller faces, and costs more. */
  readonly sizes?: readonly number[];
  /** An `AbortSignal`. */
  readonly signal?: { throwIfAborted(): void };
}

/**
 * Finds the faces in a photo.
 *
 * The photo is looked at once per size, put at the top left of a black square. A pass beyond the
 * first is left out where it would enlarge the photo by more than a third, and keeps only faces up
 * to a quarter of its side: the pass before sees the larger ones better.
 *
 * @param session of the open detector, or of a YuNet (told apart by the names of their outputs)
 * @param format the manifest, or {@link YUNET}
 * @returns best first, photo pixels
 * @throws RangeError when the session's outputs are neither's, or the photo's data do not fit its size
 * @throws InferenceError when the network fails; the signal's reason when it is aborted
 */
export async function detectFaces(
  session: Session,
  image: Image,
  format: DetectorFormat,
  options: DetectFacesOptions = {},
): Promise<Detection[]> {
  const { threshold = format.threshold, nms = format.nms, signal } = options;
  const sizes = [...(options.sizes ?? format.input.sizes)].sort((a, b) => a - b);
  const longSide = Math.max(image.width, image.height);
  const passes = sizes.filter((size, n) => n === 0 || longSide >= 0.75 * size);

  // Largest first, so that each smaller picture is made of the one before and not of the photo.
  let picture = image;
  const found: Detection[] = [];
  for (const size of passes.reverse()) {
    signal?.throwIfAborted();
    const scale = size / longSide;
    const width = Math.max(1, Math.round(image.width * scale));
    const height = Math.max(1, Math.round(image.height * scale));
    picture = resizeImage(picture, width, height);
    const candidates = await runPass(session, picture, format, threshold);
    const [scaleX, scaleY] = [width / image.width, height / image.height];
    const largest = size === sizes[0] ? Number.POSITIVE_INFINITY : size / 4;
    for (const candidate of candidates) {
      if (Math.max(candidate.box.width, candidate.box.height) > largest) continue;
      found.push(toPhoto(candidate, scaleX, scaleY));
    }
  }
  return suppressOverlaps(found, nms);
}

/** One picture through the network; detections in its pixels. */
async function runPass(
  session: Session,
  picture: Image,
  format: DetectorFormat,
  threshold: number,
): Promise<Detection[]> {
  const { input } = format;
  const roundUp = (side: number): number => Math.ceil(side / input.multipleOf) * input.multipleOf;
  const width = roundUp(picture.width);
  const height = roundUp(picture.height);
  const outputs = await session.run({ [input.name]: imageTensor(picture, input, width, height) });
  if ("heatmap" in outputs) {
    const stride = format.outputs.find(({ name }) => name === "heatmap")?.stride ?? 8;
    return decodeDetections(outputs, { stride, threshold });
  }
  if ("cls_8" in outputs) return decodeYunet(outputs, { width, height, threshold });
  throw new RangeError(
    `detectFaces: expected outputs heatmap and box, or YuNet's cls_8 …, got ${session.outputNames.join(", ")}`,
  );
}

function toPhoto(found: Detection, scaleX: number, scaleY: number): Detection {
  const { box, points } = found;
  return {
    ...found,
    box: {
      x: box.x / scaleX,
      y: box.y / scaleY,
      width: box.width / scaleX,
      height: box.height / scaleY,
    },
    ...(points ? { points: points.map((value, k) => value / (k % 2 ? scaleY : scaleX)) } : {}),
  };
}

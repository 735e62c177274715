import type { Tensor } from "@headform/inference";
import type { Detection, DetectorFormat } from "./detection.ts";

/**
 * The YuNet detector, as a user may have it (Apache-2.0; its 640×640 ONNX): BGR bytes, strides 8, 16, 32.
 *
 * @see Wu, Peng, Yu: YuNet: A Tiny Millisecond-level Face Detector (2023)
 */
export const YUNET: DetectorFormat = {
  input: {
    name: "input",
    layout: "NCHW",
    channels: "BGR",
    range: [0, 255],
    multipleOf: 640,
    sizes: [640],
  },
  outputs: [8, 16, 32].flatMap((stride) =>
    ["cls", "obj", "bbox", "kps"].map((name) => ({ name: `${name}_${stride}`, stride })),
  ),
  threshold: 0.7,
  nms: 0.4,
};

/**
 * Reads YuNet's outputs. In cell (row j, column i) of stride s: score = √(class · object),
 * center = s·(i + b₀, j + b₁), size = s·(exp b₂, exp b₃), point n = s·(i + k₂ₙ, j + k₂ₙ₊₁).
 *
 * Its boxes reach into the forehead: the upper quarter is cut off, so that what is returned is near the
 * bounding box of the landmarks. Roll comes from the eyes.
 *
 * @param outputs `cls_s`, `obj_s` [1×N×1], `bbox_s` [1×N×4], `kps_s` [1×N×10] for s = 8, 16, 32
 * @param options width and height of the network's input in pixels, least score kept
 * @returns in pixels of the network's input, best first; overlapping ones not yet removed
 * @throws RangeError when an output is missing or has another length
 */
export function decodeYunet(
  outputs: Readonly<Record<string, Tensor>>,
  options: { readonly width: number; readonly height: number; readonly threshold: number },
): Detection[] {
  const { width, height, threshold } = options;
  const found: Detection[] = [];
  for (const stride of [8, 16, 32]) {
    const columns = Math.floor(width / stride);
    const count = columns * Math.floor(height / stride);
    const classes = plane(outputs, `cls_${stride}`, count);
    const objects = plane(outputs, `obj_${stride}`, count);
    const boxes = plane(outputs, `bbox_${stride}`, 4 * count);
    const points = plane(outputs, `kps_${stride}`, 10 * count);
    for (let n = 0; n < count; n++) {
      const score = Math.sqrt(clamp(classes[n]!) * clamp(objects[n]!));
      if (!(score >= threshold)) continue;
      const i = n % columns;
      const j = (n - i) / columns;
      const boxWidth = stride * Math.exp(boxes[4 * n + 2]!);
      const boxHeight = stride * Math.exp(boxes[4 * n + 3]!);
      const five = new Float64Array(10);
      for (let k = 0; k < 5; k++) {
        five[2 * k] = stride * (i + points[10 * n + 2 * k]!);
        five[2 * k + 1] = stride * (j + points[10 * n + 2 * k + 1]!);
      }
      found.push({
        box: {
          x: stride * (i + boxes[4 * n]!) - boxWidth / 2,
          y: stride * (j + boxes[4 * n + 1]!) - boxHeight / 2 + FOREHEAD * boxHeight,
          width: boxWidth,
          height: (1 - FOREHEAD) * boxHeight,
        },
        score,
        roll: Math.atan2(five[1]! - five[3]!, five[2]! - five[0]!),
        points: five,
      });
    }
  }
  return found.sort((a, b) => b.score - a.score);
}

/** Share of a YuNet box that lies above the brows (mean over sixteen photos: 0.245). */
const FOREHEAD = 0.25;

function plane(
  outputs: Readonly<Record<string, Tensor>>,
  name: string,
  length: number,
): Float32Array {
  const tensor = outputs[name];
  if (tensor?.type !== "float32" || tensor.data.length !== length) {
    throw new RangeError(
      `decodeYunet: expected float32 ${name} with ${length} numbers, got ${tensor?.type ?? "none"} [${tensor?.dims ?? ""}]`,
    );
  }
  return tensor.data as Float32Array;
}

function clamp(value: number): number {
  return Math.min(1, Math.max(0, value));
}

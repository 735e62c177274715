import type { Tensor } from "@headform/inference";
import type { Detection } from "./detection.ts";

/** Width and height that a box code of zero stands for, input pixels. */
const REFERENCE_SIDE = 32;

/**
 * Reads the open detector's two planes at stride s. In cell (row j, column i), when its score is the
 * greatest of its 3×3 neighbourhood:
 * center = s·(i + ½ + b₀, j + ½ + b₁), size = 32·(exp b₂, exp b₃), roll = atan2(b₄, b₅).
 *
 * @param outputs `heatmap` [1×1×H×W] logits and `box` [1×6×H×W]
 * @param options `stride` of the planes (input pixels), least score kept
 * @returns in pixels of the network's input, best first; overlapping ones not yet removed
 * @throws RangeError when a plane is missing or has another shape
 */
export function decodeDetections(
  outputs: Readonly<Record<string, Tensor>>,
  options: { readonly stride: number; readonly threshold: number },
): Detection[] {
  const { stride, threshold } = options;
  const { heatmap, box } = outputs;
  const [, , height = 0, width = 0] = heatmap?.dims ?? [];
  const right =
    heatmap?.type === "float32" &&
    box?.type === "float32" &&
    heatmap.dims.join() === [1, 1, height, width].join() &&
    box.dims.join() === [1, 6, height, width].join();
  if (!right) {
    throw new RangeError(
      `decodeDetections: expected float32 heatmap [1,1,H,W] and box [1,6,H,W], got [${heatmap?.dims}] and [${box?.dims}]`,
    );
  }
  const logits = heatmap.data as Float32Array;
  const codes = box.data as Float32Array;
  const size = width * height;
  const found: Detection[] = [];
  for (let j = 0; j < height; j++) {
    for (let i = 0; i < width; i++) {
      const at = j * width + i;
      const score = 1 / (1 + Math.exp(-logits[at]!));
      if (!(score >= threshold) || !isPeak(logits, width, height, i, j)) continue;
      const code = (k: number): number => codes[k * size + at]!;
      const boxWidth = REFERENCE_SIDE * Math.exp(code(2));
      const boxHeight = REFERENCE_SIDE * Math.exp(code(3));
      found.push({
        box: {
          x: stride * (i + 0.5 + code(0)) - boxWidth / 2,
          y: stride * (j + 0.5 + code(1)) - boxHeight / 2,
          width: boxWidth,
          height: boxHeight,
        },
        score,
        roll: Math.atan2(code(4), code(5)),
      });
    }
  }
  return found.sort((a, b) => b.score - a.score);
}

function isPeak(
  logits: Float32Array,
  width: number,
  height: number,
  i: number,
  j: number,
): boolean {
  const own = logits[j * width + i]!;
  for (let v = Math.max(0, j - 1); v <= Math.min(height - 1, j + 1); v++) {
    for (let u = Math.max(0, i - 1); u <= Math.min(width - 1, i + 1); u++) {
      if (logits[v * width + u]! > own) return false;
    }
  }
  return true;
}

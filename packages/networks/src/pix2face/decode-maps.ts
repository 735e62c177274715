import type { DenseOutput, Tensor } from "@headform/inference";
import type { DenseFormat } from "./dense-format.ts";
import type { DenseMaps } from "./dense-maps.ts";

/**
 * Reads a dense network's planes: v·(max − min)/2 + (max + min)/2 for positions and offsets, the
 * logistic function for masks. A network without masks has background where its PNCC comes near the
 * origin, widened by an erosion of the face. The confidence plane is the logarithm of the expected
 * PNCC error; other planes are left to those who ask for them.
 *
 * @param planes [1×C×H×W] float32, channels as the format names them
 * @param format the network's manifest or preset
 * @throws RangeError when the shape or type is not the format's
 * @see Pix2Face, §3.1 (PNCC and offsets)
 */
export function decodeMaps(planes: Tensor, format: Pick<DenseFormat, "output">): DenseMaps {
  const { output } = format;
  const { width, height, channels, unit } = output;
  const dims = [1, channels.length, height, width];
  if (planes.type !== "float32" || planes.dims.join() !== dims.join()) {
    throw new RangeError(
      `decodeMaps: expected float32 [${dims}], got ${planes.type} [${planes.dims}]`,
    );
  }
  const data = planes.data as Float32Array;
  const size = width * height;
  const plane = (name: DenseOutput["channels"][number]): Float32Array | undefined => {
    const index = channels.indexOf(name);
    return index < 0 ? undefined : data.subarray(index * size, (index + 1) * size);
  };

  const pncc = new Float32Array(3 * size);
  const offset = new Float32Array(3 * size);
  (["x", "y", "z"] as const).forEach((axis, k) => {
    unfold(pncc, k, plane(`pncc.${axis}`)!, output.pncc.min[k]!, output.pncc.max[k]!);
    unfold(offset, k, plane(`offset.${axis}`)!, output.offset.min[k]!, output.offset.max[k]!);
  });

  const visibleLogit = plane("visible-logit");
  const visible = visibleLogit
    ? logistic(visibleLogit)
    : foreground(pncc, width, height, output.background ?? { distance: 0, erosion: 0 });
  const faceLogit = plane("amodal-logit");
  const logError = plane("confidence");
  return {
    width,
    height,
    unit,
    pncc,
    offset,
    visible,
    face: faceLogit ? logistic(faceLogit) : visible,
    ...(logError && { expectedError: logError.map(Math.exp) }),
  };
}

/** Writes component `k` of each vector: values in [-1, 1] onto [min, max]. */
function unfold(out: Float32Array, k: number, plane: Float32Array, min: number, max: number): void {
  const half = (max - min) / 2;
  const middle = (max + min) / 2;
  for (let i = 0, o = k; i < plane.length; i++, o += 3) out[o] = plane[i]! * half + middle;
}

function logistic(logits: Float32Array): Float32Array {
  const out = new Float32Array(logits.length);
  for (let i = 0; i < out.length; i++) out[i] = 1 / (1 + Math.exp(-logits[i]!));
  return out;
}

/** 1 where |PNCC| > distance in the whole erosion × erosion window around the pixel, else 0. */
function foreground(
  pncc: Float32Array,
  width: number,
  height: number,
  background: { readonly distance: number; readonly erosion: number },
): Float32Array {
  const { distance, erosion } = background;
  const near = new Uint8Array(width * height);
  for (let i = 0; i < near.length; i++) {
    const x = pncc[3 * i]!;
    const y = pncc[3 * i + 1]!;
    const z = pncc[3 * i + 2]!;
    near[i] = x * x + y * y + z * z > distance * distance ? 0 : 1;
  }
  const reach = Math.floor(Math.max(0, erosion - 1) / 2);
  const out = new Float32Array(width * height).fill(1);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (!near[y * width + x]) continue;
      for (let v = Math.max(0, y - reach); v <= Math.min(height - 1, y + reach); v++) {
        const start = v * width + Math.max(0, x - reach);
        out.fill(0, start, v * width + Math.min(width, x + reach + 1));
      }
    }
  }
  return out;
}

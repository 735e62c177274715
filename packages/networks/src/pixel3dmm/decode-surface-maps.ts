import type { DenseChannel, Tensor } from "@headform/inference";
import type { DenseFormat } from "../pix2face/dense-format.ts";
import { SEGMENTS, type SurfaceMaps } from "./surface-maps.ts";

/** Segments that show skin of the head model, and can be compared with it. */
const SKIN: readonly number[] = ["face", "ears", "neck"].map((name) =>
  (SEGMENTS as readonly string[]).indexOf(name),
);

/**
 * Reads uv, normals and mask of the default dense network's planes.
 *
 * The mask is the probability of being visible times that of the segments of skin; without segments
 * the former alone, and without either 1.
 *
 * @param planes [1×C×H×W] float32, channels as the format names them
 * @param format the network's manifest
 * @throws RangeError when the shape or type is not the format's, or it has no uv or normals
 */
export function decodeSurfaceMaps(
  planes: Tensor,
  format: Pick<DenseFormat, "output">,
): SurfaceMaps {
  const { width, height, channels } = format.output;
  const dims = [1, channels.length, height, width];
  if (planes.type !== "float32" || planes.dims.join() !== dims.join()) {
    throw new RangeError(
      `decodeSurfaceMaps: expected float32 [${dims}], got ${planes.type} [${planes.dims}]`,
    );
  }
  const data = planes.data as Float32Array;
  const size = width * height;
  const plane = (name: DenseChannel): Float32Array | undefined => {
    const index = channels.indexOf(name);
    return index < 0 ? undefined : data.subarray(index * size, (index + 1) * size);
  };
  const needed = (name: DenseChannel): Float32Array => {
    const found = plane(name);
    if (!found) {
      throw new RangeError(
        `decodeSurfaceMaps: expected a network with the plane ${name}, got none`,
      );
    }
    return found;
  };
  // 1. Coordinates and directions.
  const uv = new Float32Array(2 * size);
  const normals = new Float32Array(3 * size);
  const [u, v] = [needed("uv.u"), needed("uv.v")];
  const [x, y, z] = [needed("normal.x"), needed("normal.y"), needed("normal.z")];
  for (let i = 0; i < size; i++) {
    uv[2 * i] = u[i]!;
    uv[2 * i + 1] = v[i]!;
    const length = Math.hypot(x[i]!, y[i]!, z[i]!);
    if (length === 0) continue;
    normals[3 * i] = x[i]! / length;
    normals[3 * i + 1] = y[i]! / length;
    normals[3 * i + 2] = z[i]! / length;
  }
  // 2. What counts.
  const logits = SEGMENTS.map((name) => plane(`segment.${name}`));
  const all = logits.every((logit) => logit !== undefined) ? (logits as Float32Array[]) : undefined;
  const visible = plane("visible-logit");
  const mask = new Float32Array(size);
  const segments = new Uint8Array(size);
  for (let i = 0; i < size; i++) {
    mask[i] = visible ? 1 / (1 + Math.exp(-visible[i]!)) : 1;
    if (!all) continue;
    const { best, skin } = choose(all, i);
    segments[i] = best;
    mask[i] *= skin;
  }
  const confidence = plane("confidence");
  return {
    width,
    height,
    uv,
    normals,
    mask,
    ...(all && { segments }),
    ...(confidence && { error: confidence.map(Math.exp) }),
  };
}

/** The likeliest segment, and the probability of skin. */
function choose(
  logits: readonly Float32Array[],
  i: number,
): { readonly best: number; readonly skin: number } {
  let best = 0;
  for (let s = 1; s < logits.length; s++) if (logits[s]![i]! > logits[best]![i]!) best = s;
  let total = 0;
  let skin = 0;
  for (let s = 0; s < logits.length; s++) {
    const share = Math.exp(logits[s]![i]! - logits[best]![i]!);
    total += share;
    if (SKIN.includes(s)) skin += share;
  }
  return { best, skin: skin / total };
}

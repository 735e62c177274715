import type { SurfaceManifest, Tensor } from "@headform/inference";

/** What one published network tells of a crop. */
export interface Pixel3dmmMaps {
  readonly width: number;
  readonly height: number;
  /** [H×W×2] texture coordinates of FLAME, origin bottom-left. */
  readonly uv?: Float32Array;
  /** [H×W×3] of length 1, in FLAME's frame. */
  readonly normals?: Float32Array;
}

export interface DecodePixel3dmmOptions {
  /** What the network gave for the mirrored picture, to be averaged. */
  readonly mirrored?: Tensor;
  /** Truncate to the 8 bits of the PNG files that the published tracker reads. */
  readonly eightBit?: boolean;
}

/** The mirrored u is −u + 0.015, by the published code: FLAME's texture is not quite symmetric. */
const MIRROR_SHIFT = 0.015;

/**
 * Reads a published network's uv or normals: uv from [-1, 1] to [0, 1], clamped, with v pointing up;
 * normals made unit and turned from (x, y, z) to FLAME's (x, −z, −y).
 *
 * @param planes [1×C×H×W] float32
 * @param format the network's output
 * @throws RangeError when the shape or type is not the format's
 * @see Pixel3DMM, section 3.1
 */
export function decodePixel3dmm(
  planes: Tensor,
  format: SurfaceManifest["output"],
  options: DecodePixel3dmmOptions = {},
): Pixel3dmmMaps {
  const { width, height, channels } = format;
  const dims = [1, channels.length, height, width];
  for (const tensor of [planes, options.mirrored ?? planes]) {
    if (tensor.type !== "float32" || tensor.dims.join() !== dims.join()) {
      throw new RangeError(
        `decodePixel3dmm: expected float32 [${dims}], got ${tensor.type} [${tensor.dims}]`,
      );
    }
  }
  const size = width * height;
  const at = channels.indexOf("uv.u");
  const normalAt = channels.indexOf("normal.x");
  const read = (tensor: Tensor, channel: string, i: number): number =>
    (tensor.data as Float32Array)[(channels as readonly string[]).indexOf(channel) * size + i]!;
  const { mirrored } = options;
  const both = (channel: string, i: number, turn: (value: number) => number): number => {
    const own = read(planes, channel, i);
    if (!mirrored) return own;
    const other = i - (i % width) + width - 1 - (i % width);
    return (own + turn(read(mirrored, channel, other))) / 2;
  };
  const clamp = (value: number): number => Math.max(0, Math.min(1, (value + 1) / 2));
  const store = options.eightBit
    ? (value: number): number => Math.floor(255 * value) / 255
    : (value: number): number => value;
  const uv = at >= 0 ? new Float32Array(2 * size) : undefined;
  const normals = normalAt >= 0 ? new Float32Array(3 * size) : undefined;
  for (let i = 0; i < size; i++) {
    if (uv) {
      uv[2 * i] = store(clamp(both("uv.u", i, (u) => MIRROR_SHIFT - u)));
      uv[2 * i + 1] = 1 - store(clamp(both("uv.v", i, (v) => v)));
    }
    if (normals) {
      const x = both("normal.x", i, (value) => -value);
      const y = both("normal.y", i, (value) => value);
      const z = both("normal.z", i, (value) => value);
      const length = Math.hypot(x, y, z) || 1;
      [x, -z, -y].forEach((value, axis) => {
        const stored = 2 * store(clamp(value / length)) - 1;
        normals[3 * i + axis] = options.eightBit ? stored : value / length;
      });
    }
  }
  return { width, height, ...(uv && { uv }), ...(normals && { normals }) };
}

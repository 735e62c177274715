import type { Tensor, VolumeManifest } from "@headform/inference";

/** Probabilities on a regular grid; `VoxelGrid` of @headform/volume is of this form. */
export interface ProbabilityGrid {
  /** [D×H×W] 0…1, `data[z][y][x]`. */
  readonly data: Float32Array;
  /** [3] samples along x, y, z. */
  readonly dims: readonly [number, number, number];
  /** [3] pixels of the network's input. */
  readonly spacing: readonly [number, number, number];
  /** [3] where the first sample lies. */
  readonly origin: readonly [number, number, number];
}

/**
 * Reads a volume network's planes: soft probabilities, never cut.
 *
 * x goes right and y down, in pixels of the network's input (pixel centers at half-integers); z comes
 * towards the viewer in the same unit, from 0 at the far side of the first layer.
 *
 * @param planes [1×D×H×W] float32
 * @param manifest the network's
 * @throws RangeError when the shape or type is not the manifest's
 * @see VRN, §3.2 and §3.3
 */
export function decodeVolume(
  planes: Tensor,
  manifest: Pick<VolumeManifest, "output">,
): ProbabilityGrid {
  const { dims, spacing, nearest, values } = manifest.output;
  const [width, height, depth] = dims;
  const wanted = [1, depth, height, width];
  if (planes.type !== "float32" || planes.dims.join() !== wanted.join()) {
    throw new RangeError(
      `decodeVolume: expected float32 [${wanted}], got ${planes.type} [${planes.dims}]`,
    );
  }
  const raw = planes.data as Float32Array;
  const data = new Float32Array(raw.length);
  const layer = width * height;
  for (let z = 0; z < depth; z++) {
    const from = (nearest === "last" ? z : depth - 1 - z) * layer;
    for (let i = 0, at = z * layer; i < layer; i++, at++) {
      const value = raw[from + i]!;
      data[at] = values === "logit" ? 1 / (1 + Math.exp(-value)) : value;
    }
  }
  return { data, dims, spacing, origin: [spacing[0] / 2, spacing[1] / 2, spacing[2] / 2] };
}

/** The mean of a volume and, turned back, of the mirrored picture's. */
export function averageMirroredVolume(
  volume: ProbabilityGrid,
  mirrored: ProbabilityGrid,
): ProbabilityGrid {
  if (volume.dims.join() !== mirrored.dims.join()) {
    throw new RangeError(
      `averageMirroredVolume: expected ${volume.dims.join("×")}, got ${mirrored.dims.join("×")}`,
    );
  }
  const width = volume.dims[0];
  const data = new Float32Array(volume.data.length);
  for (let row = 0; row < data.length; row += width) {
    for (let x = 0; x < width; x++) {
      data[row + x] = (volume.data[row + x]! + mirrored.data[row + width - 1 - x]!) / 2;
    }
  }
  return { ...volume, data };
}

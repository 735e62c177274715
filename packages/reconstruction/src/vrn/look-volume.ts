import type { Image } from "@headform/mesh";
import {
  averageMirroredVolume,
  decodeHeatmaps,
  decodeVolume,
  mirrorVolumeInput,
  type ProbabilityGrid,
  prepareVolumeInput,
} from "@headform/networks/vrn";
import { type Crop, cropToPhoto } from "@headform/raster";
import { now } from "../clock.ts";
import type { Reconstructor } from "../create-reconstructor.ts";

/** What the volume network sees in a crop, and the time it took. */
export interface VolumeLook {
  /** In pixels of the network's input. */
  readonly grid: ProbabilityGrid;
  /** [68×2] photo pixels: those that guided the network, or that it found. */
  readonly landmarks?: ArrayLike<number>;
  readonly timings: { readonly crop: number; readonly network: number; readonly decode: number };
}

/**
 * Runs the volume network on a crop, and on its mirror image, and averages.
 *
 * @param landmarks [68×2] photo pixels, for a guided network
 */
export async function lookVolume(
  { session, manifest }: NonNullable<Reconstructor["volume"]>,
  image: Image,
  crop: Crop,
  landmarks: ArrayLike<number> | undefined,
  mirrored: boolean,
): Promise<VolumeLook> {
  const { input, output } = manifest;
  const start = now();
  const tensor = prepareVolumeInput(image, crop, manifest, landmarks);
  const prepared = now();
  const outputs = await session.run({ [input.name]: tensor });
  const turned = mirrored
    ? await session.run({ [input.name]: mirrorVolumeInput(tensor) })
    : undefined;
  const ran = now();
  const seen = decodeVolume(outputs[output.name], manifest);
  const grid = turned
    ? averageMirroredVolume(seen, decodeVolume(turned[output.name], manifest))
    : seen;
  const found = output.landmarks
    ? toPhoto(decodeHeatmaps(outputs[output.landmarks.name], manifest), crop, input)
    : landmarks;
  return {
    grid,
    ...(found && { landmarks: found }),
    timings: { crop: prepared - start, network: ran - prepared, decode: now() - ran },
  };
}

function toPhoto(
  points: Float64Array,
  crop: Crop,
  size: { readonly width: number; readonly height: number },
): Float64Array {
  for (let i = 0; i < points.length; i += 2) {
    points.set(cropToPhoto(crop, size, points[i], points[i + 1]), i);
  }
  return points;
}

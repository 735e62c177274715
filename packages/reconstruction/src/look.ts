import type { Tensor } from "@headform/inference";
import type { Image } from "@headform/mesh";
import {
  averageMirrored,
  type DenseMaps,
  decodeMaps,
  mirrorInput,
  prepareInput,
} from "@headform/networks/pix2face";
import type { Crop } from "@headform/raster";
import { now } from "./clock.ts";
import type { Reconstructor } from "./create-reconstructor.ts";

/** What the dense network sees in a crop, and the time it took. */
export interface Look {
  readonly maps: DenseMaps;
  /** The planes themselves, of the crop and of its mirror image where that was run. */
  readonly planes: { readonly own: Tensor; readonly mirrored?: Tensor };
  readonly crop: Crop;
  readonly timings: { readonly crop: number; readonly network: number; readonly decode: number };
}

/**
 * Runs the dense network on a crop and on its mirror image, and averages.
 *
 * @param mirrored whether the mirror image is run as well
 */
export async function look(
  reconstructor: Reconstructor,
  image: Image,
  crop: Crop,
  mirrored: boolean,
): Promise<Look> {
  const { session, manifest } = reconstructor.dense;
  const start = now();
  const input = prepareInput(image, crop, manifest);
  const prepared = now();
  const run = async (tensor: typeof input) =>
    (await session.run({ [manifest.input.name]: tensor }))[manifest.output.name];
  const planes = await run(input);
  const mirroredPlanes = mirrored ? await run(mirrorInput(input)) : undefined;
  const ran = now();
  const maps = decodeMaps(planes, manifest);
  const both = mirroredPlanes ? averageMirrored(maps, decodeMaps(mirroredPlanes, manifest)) : maps;
  return {
    maps: both,
    planes: { own: planes, ...(mirroredPlanes && { mirrored: mirroredPlanes }) },
    crop,
    timings: {
      crop: prepared - start,
      network: ran - prepared,
      decode: now() - ran,
    },
  };
}

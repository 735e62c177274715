import type { Image } from "@headform/mesh";
import { prepareInput } from "@headform/networks/pix2face";
import { decodeSegmentation, type SurfaceMaps } from "@headform/networks/pixel3dmm";
import type { Crop } from "@headform/raster";
import type { Reconstructor } from "../create-reconstructor.ts";

/** What pixels of a crop show: skin or not, and which part. */
export type Segments = Pick<SurfaceMaps, "width" | "height" | "mask" | "segments">;

/** Runs the segmentation network on a crop; undefined where there is none. */
export async function lookSegments(
  { segmentation }: Reconstructor,
  image: Image,
  crop: Crop,
): Promise<Segments | undefined> {
  if (!segmentation) return undefined;
  const { session, manifest } = segmentation;
  const input = prepareInput(image, crop, manifest);
  const outputs = await session.run({ [manifest.input.name]: input });
  return decodeSegmentation(outputs[manifest.output.name], manifest.output);
}

/** The maps with another mask of the same crop, whose nearest pixel decides. */
export function withSegments(
  maps: Omit<SurfaceMaps, "mask" | "segments">,
  seen: Segments,
): SurfaceMaps {
  const { width, height } = maps;
  const nearest = (p: number): number => {
    const x = Math.floor((((p % width) + 0.5) * seen.width) / width);
    const y = Math.floor(((Math.floor(p / width) + 0.5) * seen.height) / height);
    return y * seen.width + x;
  };
  const { segments } = seen;
  return {
    ...maps,
    mask: Float32Array.from({ length: width * height }, (_, p) => seen.mask[nearest(p)]),
    ...(segments && {
      segments: Uint8Array.from({ length: width * height }, (_, p) => segments[nearest(p)]),
    }),
  };
}

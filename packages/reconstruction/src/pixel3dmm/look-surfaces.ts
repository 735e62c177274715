import type { SurfaceManifest } from "@headform/inference";
import type { Image } from "@headform/mesh";
import { mirrorInput, prepareInput } from "@headform/networks/pix2face";
import {
  decodePixel3dmm,
  type Pixel3dmmMaps,
  type SurfaceMaps,
} from "@headform/networks/pixel3dmm";
import type { Crop } from "@headform/raster";
import type { Reconstructor } from "../create-reconstructor.ts";
import { ReconstructionError } from "../reconstruction-error.ts";

/** Side of the maps that a head is fitted to, as published: those of the networks are twice as large. */
const SIDE = 256;

/**
 * Runs the published networks on a crop: uv and normals of their head, averaged with those of the
 * mirrored crop.
 *
 * @throws ReconstructionError "missing-network" without networks of uv and of normals, "wrong-network"
 *   when their maps differ in size
 */
export async function lookSurfaces(
  { surfaces = [] }: Reconstructor,
  image: Image,
  crop: Crop,
  mirrored: boolean,
): Promise<Pick<SurfaceMaps, "width" | "height" | "uv" | "normals">> {
  const found: Pixel3dmmMaps[] = [];
  for (const { session, manifest } of surfaces) {
    const input = prepareInput(image, crop, manifest);
    const run = async (tensor: typeof input) =>
      (await session.run({ [manifest.input.name]: tensor }))[manifest.output.name];
    const planes = await run(input);
    const options = mirrored ? { mirrored: await run(mirrorInput(input)) } : {};
    found.push(decodePixel3dmm(planes, manifest.output, options));
  }
  const of = (part: "uv" | "normals", name: string): Pixel3dmmMaps => {
    const maps = found.find((candidate) => candidate[part] !== undefined);
    if (maps) return maps;
    const given = surfaces.map(({ manifest }) => nameOf(manifest)).join(", ") || "none";
    const message = `lookSurfaces: expected a network of ${name}, got ${given}`;
    throw new ReconstructionError("missing-network", message);
  };
  const { width, height, uv } = of("uv", "uv");
  const facing = of("normals", "normals");
  if (facing.width !== width || facing.height !== height) {
    const message = `lookSurfaces: expected normals of ${width}×${height} as the uv, got ${facing.width}×${facing.height}`;
    throw new ReconstructionError("wrong-network", message);
  }
  return shrink({ width, height, uv: uv!, normals: facing.normals! });
}

function nameOf({ name }: SurfaceManifest): string {
  return name;
}

type Surfaces = Pick<SurfaceMaps, "width" | "height" | "uv" | "normals">;

/** Means of squares of pixels, the normals made unit again, where the maps are a multiple of what is fitted. */
function shrink(maps: Surfaces): Surfaces {
  const step = Math.floor(Math.max(maps.width, maps.height) / SIDE);
  if (step < 2) return maps;
  const width = Math.floor(maps.width / step);
  const height = Math.floor(maps.height / step);
  const mean = (list: Float32Array, channels: number): Float32Array => {
    const out = new Float32Array(width * height * channels);
    for (let i = 0; i < out.length; i++) {
      const p = Math.floor(i / channels);
      let sum = 0;
      for (let k = 0; k < step * step; k++) {
        const x = step * (p % width) + (k % step);
        const y = step * Math.floor(p / width) + Math.floor(k / step);
        sum += list[(y * maps.width + x) * channels + (i % channels)];
      }
      out[i] = sum / (step * step);
    }
    return out;
  };
  const normals = mean(maps.normals, 3);
  for (let i = 0; i < normals.length; i += 3) {
    const length = Math.hypot(normals[i], normals[i + 1], normals[i + 2]) || 1;
    for (let axis = 0; axis < 3; axis++) normals[i + axis] /= length;
  }
  return { width, height, uv: mean(maps.uv, 2), normals };
}

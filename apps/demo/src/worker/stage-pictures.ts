import { applyMorphTargets, type Image, type Mesh } from "@headform/mesh";
import type { PcaModel } from "@headform/morphable-model";
import { floatToImage, previewCamera, renderShaded } from "@headform/raster";
import type { Stage } from "@headform/reconstruction";
import type { Picture } from "../protocol.ts";

/** The pictures that one stage of the work is shown by. */
export function stagePictures(
  stage: Stage,
  head: PcaModel,
): readonly { readonly name: "pncc" | "uv" | "normals" | "volume"; readonly picture: Picture }[] {
  if (stage.kind === "maps") {
    const { width, height, pncc, visible } = stage.maps;
    const mask = Float32Array.from(visible, (p) => (p > 0.5 ? 1 : 0));
    const image = { width, height, channels: 3, data: pncc };
    return [
      { name: "pncc", picture: cut(floatToImage(image, { mask, ...bounds(head.mean) }), mask) },
    ];
  }
  if (stage.kind === "surfaces") {
    const { width, height, uv, normals } = stage.maps;
    const mask = Float32Array.from(stage.maps.mask, (p) => (p > 0.5 ? 1 : 0));
    const flat = { width, height, channels: 2, data: uv };
    const round = { width, height, channels: 3, data: normals };
    const one = { low: [-1, -1, -1], high: [1, 1, 1] };
    return [
      { name: "uv", picture: cut(floatToImage(flat, { mask, low: [0, 0], high: [1, 1] }), mask) },
      { name: "normals", picture: cut(floatToImage(round, { mask, ...one }), mask) },
    ];
  }
  const { data, dims } = stage.grid;
  return [{ name: "volume", picture: volumePicture(data, dims) }];
}

/** The finished mesh as clay, drawn without a graphics card, so that it shows where there is none. */
export function meshPicture(mesh: Mesh): Picture {
  const { positions, indices, unit } = applyMorphTargets(mesh);
  const clay = { positions, indices, unit };
  const size = { width: 192, height: 192 };
  const image = renderShaded(clay, previewCamera(clay, { ...size, yaw: 0.5 }), {
    ...size,
    background: "transparent",
  });
  return { ...size, data: new Uint8ClampedArray(image.data) };
}

/** [2][3] lowest and highest coordinate: one point of the head has one color in every photo. */
export function bounds(positions: Float32Array): { low: number[]; high: number[] } {
  const low = [Infinity, Infinity, Infinity];
  const high = [-Infinity, -Infinity, -Infinity];
  for (let i = 0; i < positions.length; i++) {
    low[i % 3] = Math.min(low[i % 3]!, positions[i]!);
    high[i % 3] = Math.max(high[i % 3]!, positions[i]!);
  }
  return { low, high };
}

/** RGBA, transparent where the mask is 0. */
function cut({ width, height, data }: Image, mask: Float32Array): Picture {
  const out = new Uint8ClampedArray(4 * width * height);
  for (let i = 0; i < mask.length; i++) {
    for (let c = 0; c < 3; c++) out[4 * i + c] = data[3 * i + c]!;
    out[4 * i + 3] = mask[i]! > 0 ? 255 : 0;
  }
  return { width, height, data: out };
}

/** The volume as fog seen from the front: lighter where its first occupied voxel is nearer. */
function volumePicture(
  data: ArrayLike<number>,
  [width, height, depth]: readonly [number, number, number],
): Picture {
  const out = new Uint8ClampedArray(4 * width * height);
  const slice = width * height;
  for (let i = 0; i < slice; i++) {
    let z = depth - 1;
    while (z >= 0 && data[z * slice + i]! < 0.5) z--;
    if (z < 0) continue;
    const nearness = z / (depth - 1);
    out[4 * i] = 40 + 190 * nearness;
    out[4 * i + 1] = 60 + 180 * nearness;
    out[4 * i + 2] = 110 + 140 * nearness;
    out[4 * i + 3] = 255;
  }
  return { width, height, data: out };
}

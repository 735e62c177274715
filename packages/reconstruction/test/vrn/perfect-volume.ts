import { projectPoints } from "@headform/camera";
import type { VolumeManifest } from "@headform/inference";
import type { PcaModel } from "@headform/morphable-model";
import { type Crop, cropFromBox, photoToCrop } from "@headform/raster";
import { smoothVolume, voxelize } from "@headform/volume";
import type { SyntheticFace } from "../render-maps.ts";

/** Pixels of the network's input; half of the published ones, so that tests are quick. */
const SIZE = 96;

/** Manifest of a volume network that sees perfectly. */
export function volumeManifest(more: Partial<VolumeManifest> = {}): VolumeManifest {
  return {
    version: 1,
    kind: "volume",
    name: "perfect",
    networkVersion: "1",
    file: "perfect.onnx",
    bytes: 1,
    sha256: "0".repeat(64),
    licence: "MIT",
    trainedOn: "nothing",
    input: {
      name: "image",
      layout: "NCHW",
      channels: "RGB",
      range: [0, 1],
      width: SIZE,
      height: SIZE,
    },
    crop: { rule: "landmark-box", scale: 2.4 },
    output: {
      name: "volume",
      dims: [SIZE, SIZE, 100],
      spacing: [1, 1, 0.5],
      nearest: "last",
      values: "probability",
    },
    ...more,
  };
}

/** The crop around a synthetic face's landmarks that such a network gets. */
export function volumeCrop(box: Parameters<typeof cropFromBox>[0]): Crop {
  return cropFromBox(box, 2.4);
}

/**
 * [1×D×H×W] the head of a synthetic face as solid voxels over the photo, softened by a voxel; the
 * front of the face is where it is in the published volumes, 42 of 100 pixels from the far side.
 */
export function perfectVolume(
  model: PcaModel,
  face: SyntheticFace,
  crop: Crop,
  { output }: VolumeManifest,
): Float32Array {
  const screen = projectPoints(face.camera, face.positions);
  const [anchor] = [projectPoints(face.camera, [0, -0.01, 0.05])];
  const zoom = SIZE / crop.side;
  const positions = new Float32Array(screen.length);
  for (let i = 0; i < screen.length; i += 3) {
    const [x, y] = photoToCrop(crop, { width: SIZE, height: SIZE }, screen[i], screen[i + 1]);
    positions[i] = x;
    positions[i + 1] = y;
    positions[i + 2] = (screen[i + 2] - anchor[2]) * zoom + 0.42 * output.dims[2] * 0.5;
  }
  // y runs down: triangles turn round.
  const indices = model.indices.slice();
  for (let i = 0; i < indices.length; i += 3) {
    indices[i + 1] = model.indices[i + 2];
    indices[i + 2] = model.indices[i + 1];
  }
  const { dims, spacing } = output;
  const origin = [spacing[0] / 2, spacing[1] / 2, spacing[2] / 2] as const;
  const solid = voxelize({ positions, indices, unit: "none" }, { dims, spacing, origin });
  return smoothVolume({ ...solid, data: Float32Array.from(solid.data) }, 1).data as Float32Array;
}

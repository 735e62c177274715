import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { projectPoints } from "@headform/camera";
import { createRandom } from "@headform/core-math";
import type { Image } from "@headform/mesh";
import { projectLandmarks, readHead } from "@headform/morphable-model";
import { cropToPhoto } from "@headform/raster";
import {
  createReconstructor,
  isReconstructionError,
  reconstructPhoto,
  type Stage,
} from "@headform/reconstruction";
import { describe, expect, test } from "vitest";
import { cameraInPhoto } from "../../src/pixel3dmm/camera-in-photo.ts";
import { backendOf, perfectManifest, planesOf } from "../perfect-network.ts";
import { angleBetween, syntheticFace } from "../render-maps.ts";

const file = new URL("../../../open-head/data/head.safetensors", import.meta.url);
const head = readHead(readFileSync(fileURLToPath(file)));
const face = syntheticFace(head, createRandom(3), 128);
const manifest = perfectManifest(face.maps.width);
const [width, height] = face.imageSize;
const photo: Image = {
  width,
  height,
  channels: 3,
  data: new Uint8Array(3 * width * height).fill(120),
};
const box = { x: face.crop.centerX - 100, y: face.crop.centerY - 100, width: 200, height: 200 };
const once = { mirrored: false, maxPasses: 1, boxes: [box], method: "pixel3dmm" } as const;
const model = new Uint8Array(1);
const parts = { backend: backendOf(() => planesOf(face.maps)), head, dense: { model, manifest } };
const reconstructor = await createReconstructor(parts, { textureSize: 0 });

describe("--method pixel3dmm with a perfect dense network that has no uv", () => {
  test("finds head and camera again, in the photo's pixels", async () => {
    const stages: Stage[] = [];
    const [found] = await reconstructPhoto(reconstructor, photo, {
      ...once,
      onStage: (stage) => stages.push(stage),
    });
    expect(found.method).toBe("pixel3dmm");
    expect(stages.map(({ kind }) => kind)).toEqual(["maps", "surfaces"]);
    const truth = projectLandmarks(head, face.positions, face.camera);
    let sum = 0;
    for (let i = 0; i < truth.length; i += 3) {
      sum += Math.hypot(found.landmarks68[i] - truth[i], found.landmarks68[i + 1] - truth[i + 1]);
    }
    // Normals are slopes between pixels of 2.3 photo pixels here, so this is no exact case: the
    // landmarks of a face of 300 pixels come back within two, and the turn within two degrees.
    expect(sum / 68).toBeLessThan(2);
    expect(angleBetween(found.camera.rotation, face.camera.rotation)).toBeLessThan(2);
    expect(found.camera.principalPoint[0]).toBeCloseTo(width / 2, 6);
    expect(found.camera.principalPoint[1]).toBeCloseTo(height / 2, 6);
  });

  test("where a mask is dark nothing is seen", async () => {
    const mask: Image = { width, height, channels: 1, data: new Uint8Array(width * height) };
    const error = await reconstructPhoto(reconstructor, photo, {
      ...once,
      pixel3dmm: { mask },
    }).catch((cause: unknown) => cause);
    expect(isReconstructionError(error) && error.code).toBe("no-face");
  });

  test("a mask of another size is refused", async () => {
    const mask: Image = { width: 2, height: 3, channels: 1, data: new Uint8Array(6) };
    await expect(
      reconstructPhoto(reconstructor, photo, { ...once, pixel3dmm: { mask } }),
    ).rejects.toThrow(`expected a mask of ${width}×${height}, got 2×3`);
  });
});

test("a crop's camera sees in the photo what it sees in the crop, turned crops too", () => {
  const crop = { centerX: 310, centerY: 120, side: 260, rotation: 0.4 };
  const size = { width: 64, height: 64 };
  const camera = { ...face.camera, focalLength: 150, principalPoint: Float64Array.of(40, 20) };
  const points = [0.02, -0.03, 0.05, -0.04, 0.06, 0.01];
  const inCrop = projectPoints(camera, points);
  const inPhoto = projectPoints(cameraInPhoto(camera, crop, size), points);
  for (let i = 0; i < points.length; i += 3) {
    const [x, y] = cropToPhoto(crop, size, inCrop[i], inCrop[i + 1]);
    expect(inPhoto[i]).toBeCloseTo(x, 8);
    expect(inPhoto[i + 1]).toBeCloseTo(y, 8);
  }
});

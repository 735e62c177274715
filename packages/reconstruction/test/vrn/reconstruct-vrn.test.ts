import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { createRandom } from "@headform/core-math";
import type { Backend, Session, Tensor } from "@headform/inference";
import { checkMesh, type Image } from "@headform/mesh";
import { projectLandmarks, readHead } from "@headform/morphable-model";
import { photoToCrop } from "@headform/raster";
import {
  createReconstructor,
  isReconstructionError,
  type Reconstructor,
  reconstructPhoto,
  reconstructVrn,
  type Stage,
} from "@headform/reconstruction";
import { describe, expect, test } from "vitest";
import { perfectManifest, planesOf } from "../perfect-network.ts";
import { angleBetween, type SyntheticFace, syntheticFace } from "../render-maps.ts";
import { perfectVolume, volumeCrop, volumeManifest } from "./perfect-volume.ts";

const file = new URL("../../../open-head/data/head.safetensors", import.meta.url);
const head = readHead(readFileSync(fileURLToPath(file)));

const photo: Image = {
  width: 640,
  height: 480,
  channels: 3,
  data: new Uint8Array(3 * 640 * 480).fill(120),
};

const facing = syntheticFace(head, createRandom(3));

/** A reconstructor whose volume network gives what `see` says. */
async function reconstructorOf(
  see: (feeds: Readonly<Record<string, Tensor>>) => Record<string, Tensor>,
  manifest = volumeManifest(),
): Promise<Reconstructor> {
  const backend: Backend = {
    name: "stub",
    tried: [{ name: "stub", ok: true }],
    release: async () => {},
    createSession: async (): Promise<Session> => ({
      inputNames: ["image"],
      outputNames: ["volume"],
      inputs: [],
      backend: "stub",
      // Both networks are this one: the dense one sees a face wherever it looks.
      run: async (feeds) => ({ planes: planesOf(facing.maps), ...see(feeds) }),
      release: async () => {},
    }),
  };
  const model = new Uint8Array(1);
  return createReconstructor(
    { backend, head, dense: { model, manifest: perfectManifest(64) }, volume: { model, manifest } },
    { textureSize: 0 },
  );
}

function volumeOf(data: Float32Array, manifest = volumeManifest()): Record<string, Tensor> {
  const [width, height, depth] = manifest.output.dims;
  return { volume: { type: "float32", dims: [1, depth, height, width], data } };
}

function landmarksOf(face: SyntheticFace): Float64Array {
  return projectLandmarks(head, face.positions, face.camera);
}

function boxOf(points: Float64Array) {
  const xs = points.filter((_, i) => i % 3 === 0);
  const ys = points.filter((_, i) => i % 3 === 1);
  const [x, y] = [Math.min(...xs), Math.min(...ys)];
  return { x, y, width: Math.max(...xs) - x, height: Math.max(...ys) - y };
}

describe.each([3, 7])("a perfect volume of a random head, seed %i", (seed) => {
  const face = syntheticFace(head, createRandom(seed));
  const truth = landmarksOf(face);
  const box = boxOf(truth);

  test("gives the head back, over the photo", async () => {
    const data = perfectVolume(head, face, volumeCrop(box), volumeManifest());
    const reconstructor = await reconstructorOf(() => volumeOf(data));
    const stages: Stage[] = [];
    const [found] = await reconstructPhoto(reconstructor, photo, {
      method: "vrn",
      boxes: [box],
      mirrored: false,
      onStage: (stage) => stages.push(stage),
    });
    expect(found.method).toBe("vrn");
    let sum = 0;
    for (let n = 0; n < 68; n++) {
      sum += Math.hypot(
        found.landmarks68[3 * n] - truth[3 * n],
        found.landmarks68[3 * n + 1] - truth[3 * n + 1],
      );
    }
    const nme = sum / 68 / Math.sqrt(box.width * box.height);
    const angle = angleBetween(found.camera.rotation, face.camera.rotation);
    console.log(`seed ${seed}: NME ${(100 * nme).toFixed(2)} %, turned by ${angle.toFixed(1)}°`);
    // A voxel here is 2.5 % of the face, and the outline's landmarks slide along a smooth surface.
    expect(nme).toBeLessThan(0.035);
    // A volume has parallel lines of sight: a face 8 cm off the axis and 45 cm away, the most that there
    // is here, is seen from 10° aside, which they take for a turn of the head.
    expect(angle).toBeLessThan(12);
    expect(found.mesh.morphTargets).toHaveLength(52);
    expect(found.surface && found.surface.indices.length / 3).toBeGreaterThan(5000);
    checkMesh(found.surface!);
    expect(stages.map(({ kind }) => kind)).toEqual(["volume"]);
  }, 60_000);
});

test("a guided network is shown the caller's landmarks, else those of the dense network's head", async () => {
  const truth = landmarksOf(facing);
  const given = Float64Array.from({ length: 136 }, (_, i) => truth[3 * (i >> 1) + (i & 1)]);
  const manifest = volumeManifest({ guide: { sigma: 1, diameter: 6 } });
  const box = boxOf(truth);
  const crop = volumeCrop(box);
  const asked: Tensor[] = [];
  const reconstructor = await reconstructorOf((feeds) => {
    if (feeds.image.dims[1] === 71) asked.push(feeds.image);
    return volumeOf(new Float32Array(96 * 96 * 100));
  }, manifest);
  for (const place of [{ landmarks: given }, { box }]) {
    // Nothing is in the volume: what the network was shown is all that matters.
    await expect(
      reconstructVrn(reconstructor, photo, place, { mirrored: false }),
    ).rejects.toSatisfy(isReconstructionError);
  }
  expect(asked.map(({ dims }) => dims)).toEqual([
    [1, 71, 96, 96],
    [1, 71, 96, 96],
  ]);
  for (let n = 0; n < 68; n++) {
    const plane = asked[0].data.subarray((3 + n) * 96 * 96, (4 + n) * 96 * 96) as Float32Array;
    const brightest = plane.indexOf(Math.max(...plane));
    const [u, v] = photoToCrop(crop, { width: 96, height: 96 }, given[2 * n], given[2 * n + 1]);
    const distance = Math.hypot((brightest % 96) + 0.5 - u, Math.floor(brightest / 96) + 0.5 - v);
    // The brightest pixel is the one that the landmark is in: at most half a diagonal off.
    expect(distance).toBeLessThan(0.71);
  }
  // The dense stand-in sees the same maps in every crop, so where its head's landmarks lie means little.
  for (let n = 0; n < 68; n++) {
    const plane = asked[1].data.subarray((3 + n) * 96 * 96, (4 + n) * 96 * 96) as Float32Array;
    // Half a diagonal from a pixel's center, exp(−¼) is left of the height.
    expect(Math.max(...plane)).toBeGreaterThan(0.77);
  }
});

describe("what is refused", () => {
  const box = { x: 200, y: 150, width: 120, height: 120 };
  const size = 96 * 96 * 100;

  test("a reconstructor without a volume network", async () => {
    const { volume: _, ...without } = await reconstructorOf(() => ({}));
    await expect(reconstructVrn(without, photo, { box })).rejects.toThrow(
      "expected a reconstructor with a volume network",
    );
  });

  test("an empty volume, as no face", async () => {
    const reconstructor = await reconstructorOf(() => volumeOf(new Float32Array(size)));
    const thrown = await reconstructVrn(reconstructor, photo, { box }).catch((error) => error);
    expect(isReconstructionError(thrown) && thrown.code).toBe("no-face");
  });

  test("a place where the dense network sees no face", async () => {
    const blind = { ...facing.maps, visible: new Float32Array(facing.maps.visible.length) };
    const full = new Float32Array(size).fill(1);
    const reconstructor = await reconstructorOf(() => ({
      ...volumeOf(full),
      planes: planesOf(blind),
    }));
    const thrown = await reconstructVrn(reconstructor, photo, { box }).catch((error) => error);
    expect(isReconstructionError(thrown) && thrown.code).toBe("no-face");
  });

  test("an unknown method", async () => {
    const reconstructor = await reconstructorOf(() => ({}));
    const method = "other" as "vrn";
    await expect(reconstructPhoto(reconstructor, photo, { method })).rejects.toThrow(
      "expected method pix2face, pixel3dmm, vrn, got other",
    );
  });
});

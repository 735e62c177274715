import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { createRandom } from "@headform/core-math";
import type { Session } from "@headform/inference";
import { applyMorphTargets, type Image } from "@headform/mesh";
import { projectLandmarks, readHead } from "@headform/morphable-model";
import {
  createReconstructor,
  detectFaces,
  isReconstructionError,
  reconstructFace,
  reconstructPhoto,
} from "@headform/reconstruction";
import { describe, expect, test } from "vitest";
import { backendOf, perfectManifest, planesOf } from "./perfect-network.ts";
import { angleBetween, syntheticFace } from "./render-maps.ts";

const file = new URL("../../open-head/data/head.safetensors", import.meta.url);
const head = readHead(readFileSync(fileURLToPath(file)));
const face = syntheticFace(head, createRandom(3));
const manifest = perfectManifest(face.maps.width);
const photo: Image = {
  width: face.imageSize[0],
  height: face.imageSize[1],
  channels: 3,
  data: new Uint8Array(3 * face.imageSize[0] * face.imageSize[1]).fill(120),
};
/** The box whose crop is the one that the maps were rendered in. */
const box = {
  x: face.crop.centerX - 100,
  y: face.crop.centerY - 100,
  width: 200,
  height: 200,
};
const once = { mirrored: false, maxPasses: 1, views: 1 };

function largestError(a: Float32Array, b: Float32Array): number {
  let largest = 0;
  for (let i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs(a[i] - b[i]));
  return largest;
}

async function perfect(textureSize = 0) {
  const backend = backendOf(() => planesOf(face.maps));
  const model = new Uint8Array(1);
  const parts = { backend, head, dense: { model, manifest } };
  return { backend, reconstructor: await createReconstructor(parts, { textureSize }) };
}

describe("reconstructPhoto", () => {
  test("gives back the head that the network saw, as plain data", async () => {
    const { reconstructor } = await perfect(64);
    const progress: number[][] = [];
    const faces = await reconstructPhoto(reconstructor, photo, {
      ...once,
      boxes: [box, box],
      onProgress: (...args) => progress.push(args),
    });
    expect(faces.length).toBe(2);
    expect(progress).toEqual([
      [1, 2],
      [2, 2],
    ]);
    const [found] = faces;
    // Planes are float32 in ±0.2: 1e-8 m, as exact as the maps themselves.
    expect(angleBetween(found.camera.rotation, face.camera.rotation)).toBeLessThan(0.1);
    expect(largestError(found.posedPositions, face.positions)).toBeLessThan(1e-4);
    const truth = projectLandmarks(head, face.positions, face.camera);
    for (let l = 0; l < 68; l++) {
      const [dx, dy] = [0, 1].map((k) => found.landmarks68[3 * l + k] - truth[3 * l + k]);
      expect(Math.hypot(dx, dy)).toBeLessThan(0.1);
    }
    expect(found.landmarkVisibility.length).toBe(68);
    expect(found.score).toBe(1);
    expect(found.fit.points).toBeGreaterThan(500);
    expect(found.mesh.unit).toBe("m");
    expect(found.mesh.texture?.width).toBe(64);
    expect(found.mesh.morphTargets?.length).toBe(52);
    const posed = applyMorphTargets(found.mesh).positions;
    // Float32 sums in another order.
    expect(largestError(posed, found.posedPositions)).toBeLessThan(1e-6);
    expect(Math.hypot(...found.quaternion)).toBeCloseTo(1, 12);
    for (const time of Object.values(found.timings)) expect(time).toBeGreaterThanOrEqual(0);
  });

  test("takes landmarks instead of a box", async () => {
    const { reconstructor } = await perfect();
    const corners = [box.x, box.y, box.x + 200, box.y + 200];
    const [found] = await reconstructPhoto(reconstructor, photo, { ...once, landmarks: [corners] });
    expect(found.crop.side).toBeCloseTo(face.crop.side, 10);
    expect(found.mesh.texture).toBeUndefined();
  });

  test("runs the mirror image too unless told", async () => {
    const { backend, reconstructor } = await perfect();
    await reconstructPhoto(reconstructor, photo, { ...once, boxes: [box] });
    expect(backend.runs).toBe(1);
    await reconstructPhoto(reconstructor, photo, { ...once, boxes: [box], mirrored: true });
    expect(backend.runs).toBe(3);
  });

  test("looks through five crops unless told, and refuses other numbers", async () => {
    const { backend, reconstructor } = await perfect();
    await reconstructPhoto(reconstructor, photo, { boxes: [box], mirrored: false, maxPasses: 1 });
    expect(backend.runs).toBe(5);
    for (const views of [0, 6, 1.5]) {
      await expect(reconstructPhoto(reconstructor, photo, { boxes: [box], views })).rejects.toThrow(
        RangeError,
      );
    }
  });

  test("looks again when the face lies elsewhere in the crop", async () => {
    const { backend, reconstructor } = await perfect();
    const wide = { x: box.x - 60, y: box.y - 60, width: 320, height: 320 };
    const [found] = await reconstructPhoto(reconstructor, photo, {
      boxes: [wide],
      mirrored: false,
      views: 1,
    });
    expect(found.fit.passes).toBe(2);
    expect(backend.runs).toBe(2);
  });

  test("a given box without a face is an error, a detected one is left out", async () => {
    const blind = { ...face.maps, visible: new Float32Array(face.maps.visible.length) };
    const backend = backendOf(() => planesOf(blind));
    const model = new Uint8Array(1);
    const reconstructor = await createReconstructor(
      { backend, head, dense: { model, manifest } },
      { textureSize: 0 },
    );
    const given = reconstructPhoto(reconstructor, photo, { ...once, boxes: [box] });
    await expect(given).rejects.toMatchObject({ tag: "reconstruction", code: "no-face" });
    await given.catch((error) => expect(isReconstructionError(error)).toBe(true));
  });

  test("a detected face to which no head can be fitted is left out, a given one kept", async () => {
    const scrambled = { ...face.maps, pncc: face.maps.pncc.slice() };
    const random = createRandom(5);
    // 5 cm this way and that: no head has such a face.
    for (let i = 0; i < scrambled.pncc.length; i++) {
      scrambled.pncc[i] += 0.1 * random.uniform() - 0.05;
    }
    for (const [maps, count] of [
      [face.maps, 1],
      [scrambled, 0],
    ] as const) {
      const backend = backendOf(() => planesOf(maps));
      const model = new Uint8Array(1);
      const made = await createReconstructor(
        { backend, head, dense: { model, manifest } },
        { textureSize: 0 },
      );
      const detector = { session: detectorOf(photo, box), manifest: detectorFormat };
      const reconstructor = { ...made, detector };
      expect((await reconstructPhoto(reconstructor, photo, once)).length).toBe(count);
      const given = await reconstructPhoto(reconstructor, photo, { ...once, boxes: [box] });
      expect(given.length).toBe(1);
      if (count === 0) expect(given[0].fit.noise).toBeGreaterThan(0.006);
    }
  });

  test("stops when told to", async () => {
    const { reconstructor } = await perfect();
    const signal = AbortSignal.abort(new Error("enough"));
    await expect(
      reconstructPhoto(reconstructor, photo, { ...once, boxes: [box], signal }),
    ).rejects.toThrow("enough");
  });

  test("refuses what is malformed", async () => {
    const { reconstructor } = await perfect();
    await expect(detectFaces(reconstructor, photo)).rejects.toThrow("with a detector");
    await expect(
      reconstructFace(reconstructor, photo, { landmarks: [1, 2, 3] }, once),
    ).rejects.toThrow("expected landmarks");
    const torn = { ...photo, width: 9 };
    await expect(reconstructFace(reconstructor, torn, { box }, once)).rejects.toThrow(RangeError);
  });
});

describe("createReconstructor", () => {
  test("refuses a network of another unit, and releases what it made", async () => {
    const backend = backendOf(() => planesOf(face.maps));
    const inches = { ...manifest, output: { ...manifest.output, unit: "mm" } } as typeof manifest;
    const model = new Uint8Array(1);
    await expect(
      createReconstructor({ backend, head, dense: { model, manifest: inches } }),
    ).rejects.toMatchObject({ tag: "reconstruction", code: "wrong-network" });
    const reconstructor = await createReconstructor(
      { backend, head, dense: { model, manifest }, detector: { model, manifest: detectorFormat } },
      { textureSize: 0 },
    );
    await reconstructor.release();
    expect(backend.released).toBe(2);
  });
});

/** A session of a detector that finds one upright face, in the given box. */
function detectorOf(image: Image, found: typeof box): Session {
  return {
    inputNames: ["image"],
    outputNames: ["heatmap", "box"],
    inputs: [],
    backend: "stub",
    release: async () => {},
    run: async (feeds) => {
      const [, , height, width] = feeds.image.dims;
      const scale = 320 / Math.max(image.width, image.height);
      const [rows, columns] = [height / 8, width / 8];
      const [x, y] = [found.x + found.width / 2, found.y + found.height / 2].map(
        (center) => (center * scale) / 8,
      );
      const cell = Math.floor(y) * columns + Math.floor(x);
      const heatmap = new Float32Array(rows * columns).fill(-9);
      heatmap[cell] = 9;
      const values = new Float32Array(6 * rows * columns);
      const told = [
        x - Math.floor(x) - 0.5,
        y - Math.floor(y) - 0.5,
        Math.log((found.width * scale) / 32),
        Math.log((found.height * scale) / 32),
        0,
        1,
      ];
      told.forEach((value, channel) => {
        values[channel * rows * columns + cell] = value;
      });
      return {
        heatmap: { type: "float32", dims: [1, 1, rows, columns], data: heatmap },
        box: { type: "float32", dims: [1, 6, rows, columns], data: values },
      };
    },
  };
}

const detectorFormat = {
  input: {
    name: "image",
    layout: "NCHW",
    channels: "RGB",
    range: [0, 1],
    multipleOf: 32,
    sizes: [320],
  },
  outputs: [{ name: "heatmap", stride: 8 }],
  threshold: 0.5,
  nms: 0.4,
} as const;

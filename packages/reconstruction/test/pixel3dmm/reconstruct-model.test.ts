import { createRandom } from "@headform/core-math";
import type { Tensor } from "@headform/inference";
import type { Image } from "@headform/mesh";
import { evaluate } from "@headform/morphable-model";
import { FARL_CLASSES } from "@headform/networks/pixel3dmm";
import {
  createReconstructor,
  createSurfaceFitter,
  isReconstructionError,
  PIXEL3DMM_DEFAULTS,
  type ReconstructModelOptions,
  reconstructModel,
} from "@headform/reconstruction";
import { expect, test } from "vitest";
import { openHead } from "../../../morphable-model/test/fit/open-head.ts";
import { backendOf, perfectManifest } from "../perfect-network.ts";
import { truthErrors } from "./measure-faces.ts";
import { syntheticSurface } from "./synthetic-maps.ts";

const SIZE = 128;
const SEED = 9;
const head = openHead();
const fitter = createSurfaceFitter(head);
const face = syntheticSurface(head, createRandom(SEED), { size: SIZE });
const { maps } = face;
const photo: Image = {
  width: SIZE,
  height: SIZE,
  channels: 3,
  data: new Uint8Array(3 * SIZE * SIZE).fill(90),
};
// The whole photo is the crop, and the landmarks are anywhere: only an identity network asks for them.
const place = {
  crop: { centerX: SIZE / 2, centerY: SIZE / 2, side: SIZE, rotation: 0 },
  landmarks68: Float64Array.from({ length: 3 * 68 }, (_, i) => ((i * 37) % 50) + 20),
};

const tensor = (dims: readonly number[], data: Float32Array): Tensor<"float32"> => ({
  type: "float32",
  dims,
  data,
});

/** Planes as the published networks give them: uv in −1…1 with v down, normals as (x, −z, −y). */
const planes = {
  uv: tensor(
    [1, 2, SIZE, SIZE],
    Float32Array.from({ length: 2 * SIZE * SIZE }, (_, i) => {
      const p = i % (SIZE * SIZE);
      return i < SIZE * SIZE ? 2 * maps.uv[2 * p] - 1 : 1 - 2 * maps.uv[2 * p + 1];
    }),
  ),
  normals: tensor(
    [1, 3, SIZE, SIZE],
    Float32Array.from({ length: 3 * SIZE * SIZE }, (_, i) => {
      const p = 3 * (i % (SIZE * SIZE));
      const plane = Math.floor(i / (SIZE * SIZE));
      return plane === 0 ? maps.normals[p] : -maps.normals[p + 3 - plane];
    }),
  ),
  segmentation: tensor(
    [1, FARL_CLASSES.length, SIZE, SIZE],
    Float32Array.from({ length: FARL_CLASSES.length * SIZE * SIZE }, (_, i) => {
      const p = i % (SIZE * SIZE);
      const shown = maps.mask[p] > 0.5 ? "nose" : maps.segments![p] === 0 ? "background" : "re";
      return FARL_CLASSES[Math.floor(i / (SIZE * SIZE))] === shown ? 1 : 0;
    }),
  ),
  identity: tensor([1, head.shapeStandardDeviations.length], Float32Array.from(face.shape)),
};
const names = Object.keys(planes) as (keyof typeof planes)[];

/** Networks whose one byte says which planes they give. */
const backend = backendOf((_, model) => planes[names[model[0]]]);

const { crop: _, ...base } = perfectManifest(SIZE / 2);
const dense = { model: Uint8Array.of(9), manifest: perfectManifest(SIZE / 2) };
const output = { name: "planes", width: SIZE, height: SIZE };
const surface = (name: "uv" | "normals", channels: readonly string[]) => ({
  model: Uint8Array.of(names.indexOf(name)),
  manifest: { ...base, name, kind: "surface", output: { ...output, channels } } as never,
});
const uv = surface("uv", ["uv.u", "uv.v"]);
const normals = surface("normals", ["normal.x", "normal.y", "normal.z"]);
const segmentation = {
  model: Uint8Array.of(names.indexOf("segmentation")),
  manifest: {
    ...base,
    kind: "segmentation",
    output: { ...output, classes: FARL_CLASSES },
  } as never,
};
const identity = {
  model: Uint8Array.of(names.indexOf("identity")),
  manifest: { ...base, kind: "identity", output: { name: "planes", count: 1 } } as never,
};
const all = { backend, head, dense, surfaces: [uv, normals], segmentation };
const fitted = async (parts: typeof all, options: ReconstructModelOptions = {}) =>
  reconstructModel(await createReconstructor(parts, { textureSize: 0 }), photo, place, fitter, {
    mirrored: false,
    ...options,
  });

test("perfect networks of uv, normals and segments give the head back, in the photo's pixels", async () => {
  const found = await fitted(all);
  // As of maps without noise: docs/accuracy.md; half the pixels are here.
  expect(truthErrors(head, face, found.posedPositions).seen).toBeLessThan(0.1);
  expect(found.camera.principalPoint[0]).toBeCloseTo(SIZE / 2, 6);
  expect(found.posedPositions).toEqual(
    evaluate(head, { shape: found.shape, expression: found.expression }),
  );
  expect(found.mesh.colors!.every((value) => value === 90)).toBe(true);
  expect(found.fit.vertices).toBeGreaterThan(1000);
});

test("the identity network's coefficients are kept near, unless others are given", async () => {
  // A prior that nothing moves: which identity it speaks of is then seen at once.
  const preset = { ...PIXEL3DMM_DEFAULTS, identity: 1e6 };
  const known = await fitted({ ...all, identity } as typeof all, { preset });
  known.shape.forEach((value, k) => {
    expect(value).toBeCloseTo(face.shape[k], 2);
  });
  const other = Float64Array.of(1);
  const given = await fitted({ ...all, identity } as typeof all, { preset, identity: other });
  given.shape.forEach((value, k) => {
    expect(value).toBeCloseTo(k === 0 ? 1 : 0, 2);
  });
});

test("networks that are missing or do not fit together, a mask of another size", async () => {
  const code = async (surfaces: typeof all.surfaces): Promise<unknown> =>
    fitted({ ...all, surfaces }).catch((error: unknown) =>
      isReconstructionError(error) ? [error.code, error.message] : error,
    );
  expect(await code([uv])).toEqual([
    "missing-network",
    "lookSurfaces: expected a network of normals, got uv",
  ]);
  expect(await code([])).toEqual([
    "missing-network",
    "lookSurfaces: expected a network of uv, got none",
  ]);
  const mask: Image = { width: 2, height: 3, channels: 1, data: new Uint8Array(6) };
  await expect(fitted(all, { mask })).rejects.toThrow(
    `reconstructModel: expected a mask of ${SIZE}×${SIZE}, got 2×3`,
  );
  const dark: Image = { ...photo, data: new Uint8Array(photo.data.length) };
  const error: unknown = await fitted(all, { mask: dark }).catch((cause: unknown) => cause);
  expect(isReconstructionError(error) && error.code).toBe("no-face");
});

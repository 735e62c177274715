import type { SkinnedModel } from "@headform/morphable-model";
import { isMorphableModelError, readModel } from "@headform/morphable-model/io";
import { describe, expect, test } from "vitest";
import { CORNERS, farthest, load, loadAll, TRIANGLES, V, wave, waveByColumn } from "./models.ts";

async function read(...args: Parameters<typeof readModel>): Promise<SkinnedModel> {
  const model = await readModel(...args);
  if (model.kind !== "skinned") throw new Error(`expected a skinned model, got ${model.kind}`);
  return model;
}

// Numbers are doubles in the files and singles in the model: half a unit in the last place of 0.1.
const SINGLE = 4e-9;

describe("FLAME of its 400 modes, protocol 2, chumpy and csc", async () => {
  const model = await read(load("generic_model.pkl"));

  test("is split after 300 modes", () => {
    expect(model.shapeBasis.length).toBe(300 * V * 3);
    expect(model.expressionBasis.length).toBe(100 * V * 3);
    expect(model.shapeStandardDeviations).toEqual(new Float32Array(300).fill(1));
    expect(model.expressionNames.length).toBe(100);
    const modes = waveByColumn(1, V * 3, 400, 0.01);
    expect(farthest(model.shapeBasis, modes.subarray(0, 300 * V * 3))).toBeLessThan(SINGLE);
    expect(farthest(model.expressionBasis, modes.subarray(300 * V * 3))).toBeLessThan(SINGLE);
  });

  test("has its template, correctives, joints and weights", () => {
    expect(model).toMatchObject({ kind: "skinned", unit: "m", name: "FLAME", licence: "" });
    expect(
      farthest(
        model.template,
        CORNERS.map((x) => x / 10),
      ),
    ).toBeLessThan(SINGLE);
    expect([...model.indices]).toEqual(TRIANGLES);
    expect(farthest(model.poseBasis, waveByColumn(2, V * 3, 36, 0.001))).toBeLessThan(SINGLE);
    const regressor = new Float32Array(5 * V);
    for (let j = 0; j < 5; j++) {
      regressor[j * V + j] = 0.75;
      regressor[j * V + 5] += 0.25;
    }
    expect(model.jointRegressor).toEqual(regressor);
    expect(model.parents).toEqual(Int32Array.of(-1, 0, 1, 1, 1));
    expect(model.jointNames).toEqual(["root", "neck", "jaw", "leftEye", "rightEye"]);
    for (let v = 0; v < V; v++) {
      const row = model.skinningWeights.subarray(5 * v, 5 * v + 5);
      expect(row.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 6);
    }
  });
});

test.each([
  ["protocol 0, csr, a chumpy template", "flame2023_no_jaw.pkl"],
  ["npz, dense", "flame2023.npz"],
  ["npz, compressed, a pickled sparse matrix", "flame-sparse.npz"],
])("FLAME in other forms is the same model: %s", async (_, name) => {
  const wanted = await read(load("generic_model.pkl"));
  const model = await read(load(name), { shapeCount: 12 });
  expect(model.shapeStandardDeviations.length).toBe(12);
  expect(model.expressionNames.length).toBe(8);
  const modes = waveByColumn(1, V * 3, 20, 0.01);
  expect(farthest(model.shapeBasis, modes.subarray(0, 12 * V * 3))).toBeLessThan(SINGLE);
  const { template, indices, poseBasis, jointRegressor, skinningWeights, parents } = wanted;
  const same = { template, indices, poseBasis, jointRegressor, skinningWeights, parents };
  expect(model).toMatchObject(same);
});

describe("what is published beside FLAME", () => {
  test("masks, one file of landmarks, MediaPipe's, template and eyelids", async () => {
    const files = loadAll(
      "generic_model.pkl",
      "FLAME_masks.pkl",
      "landmark_embedding.npy",
      "mediapipe_landmark_embedding.npz",
      "head_template.obj",
      "l_eyelid.npy",
      "r_eyelid.npy",
    );
    const model = await read(files);
    expect(model.masks).toEqual(
      new Map([
        ["face", Uint32Array.of(0, 2, 4)],
        ["neck", Uint32Array.of(3, 5)],
        ["lips", Uint32Array.of(4)],
      ]),
    );
    const { static: fixed, full, dynamicContour, mediapipe } = model.landmarks!;
    expect([...fixed.triangles]).toEqual(Array.from({ length: 51 }, (_, i) => i % 8));
    // Barycentric coordinates sum to 1 within the rounding of singles.
    expect(fixed.barycentrics.reduce((sum, value) => sum + value, 0)).toBeCloseTo(51, 4);
    expect(dynamicContour).toMatchObject({ sign: "smplx" });
    expect(dynamicContour!.triangles.length).toBe(79 * 17);
    expect(dynamicContour!.barycentrics.length).toBe(79 * 17 * 3);
    expect([...full!.triangles]).toEqual(Array.from({ length: 68 }, (_, i) => i % 8));
    expect(full!.barycentrics.reduce((sum, value) => sum + value, 0)).toBeCloseTo(68, 4);
    expect(mediapipe!.indices.length).toBe(105);
    expect(mediapipe!.indices[104]).toBe(416);
    // Triangle 7 of the model is the template's first, which starts one corner later; vertex 0 has
    // its second place there only in every other triangle.
    expect(model.uvs!.length).toBe(14);
    expect([...model.uvIndices!.slice(0, 6)]).toEqual([0, 2, 4, 2, 1, 4]);
    expect([...model.uvIndices!.slice(21)]).toEqual([6, 3, 5]);
    expect(
      farthest(
        model.eyelids!.subarray(0, 18),
        wave(9, 18).map((x) => x / 1000),
      ),
    ).toBeLessThan(SINGLE);
    expect(
      farthest(
        model.eyelids!.subarray(18),
        wave(10, 18).map((x) => x / 1000),
      ),
    ).toBeLessThan(SINGLE);
  });

  test("RingNet's two files, with the other sense of yaw", async () => {
    const files = loadAll(
      "flame2023.npz",
      "flame_static_embedding.pkl",
      "flame_dynamic_embedding.npy",
    );
    const model = await read(files, {
      contourSign: "mica",
      name: "FLAME 2023",
      licence: "CC-BY-4.0",
    });
    expect(model).toMatchObject({ name: "FLAME 2023", licence: "CC-BY-4.0" });
    expect(model.landmarks!.static.triangles.length).toBe(51);
    expect(model.landmarks!.dynamicContour).toMatchObject({ sign: "mica" });
    const other = await read(loadAll("generic_model.pkl", "landmark_embedding.npy"));
    expect(model.landmarks!.dynamicContour!.triangles).toEqual(
      other.landmarks!.dynamicContour!.triangles,
    );
  });

  test("a file that does not belong is refused", async () => {
    for (const [name, message] of [
      ["tri.mat", /nothing that belongs to FLAME/],
      ["keypoints_sim.npy", /nothing that belongs to FLAME/],
      ["param_mean_std_62d_120x120.pkl", /holds -?\d/],
    ] as const) {
      const error = await read(loadAll("generic_model.pkl", name)).catch((e: unknown) => e);
      expect(isMorphableModelError(error) && error.message).toMatch(message);
    }
  });
});

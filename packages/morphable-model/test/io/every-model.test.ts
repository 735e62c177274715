// The cells of the table in docs/formats.md: what is read is evaluated and fitted, kind by kind.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createRandom } from "@headform/core-math";
import { checkMesh, type Mesh } from "@headform/mesh";
import { writeGlb } from "@headform/mesh/io";
import {
  evaluate,
  evaluateLandmarks,
  evaluateSurfacePoints,
  fitCorrespondence,
  fitLandmarks2d,
  fitLandmarks3d,
  toMesh,
  transferCoefficients,
} from "@headform/morphable-model";
import { readModel, writeModel } from "@headform/morphable-model/io";
import { sharedFolder } from "@headform/testing";
import { describe, expect, test } from "vitest";
import { openHead } from "../fit/open-head.ts";
import { CORNERS, farthest, load, loadAll, TRIANGLES, V, wave } from "./models.ts";

const octahedron: Mesh = {
  positions: Float32Array.from(CORNERS, (x) => x / 10),
  indices: Uint32Array.from(TRIANGLES),
  unit: "m",
  morphTargets: [
    { name: "jawOpen", offsets: Float32Array.from(wave(40, 3 * V), (x) => x / 20), weight: 0 },
  ],
};
const EVERY: [string, Map<string, Uint8Array>, number][] = [
  ["FLAME, pickle", loadAll("generic_model.pkl"), 0],
  ["FLAME, embeddings", loadAll("flame2023.npz", "landmark_embedding.npy"), 17 + 51],
  ["FLAME without jaw", loadAll("flame2023_no_jaw.pkl"), 0],
  ["FLAME, sparse npz", loadAll("flame-sparse.npz"), 0],
  ["Basel 2009", loadAll("01_MorphableModel.mat"), 0],
  ["Basel 2009 of 7.3", loadAll("01_MorphableModel-7.3.mat"), 0],
  ["Basel 2017", loadAll("model2017-1_bfm_nomouth.h5"), 0],
  ["statismo 0.8", loadAll("statismo-0.8.h5"), 0],
  ["3DDFA 2", loadAll("bfm_noneck_v3_slim.pkl", "param_mean_std_62d_120x120.pkl"), 68],
  [
    "3DDFA 1",
    loadAll(
      ...[
        "u_shp.npy",
        "u_exp.npy",
        "w_shp_sim.npy",
        "w_exp_sim.npy",
        "keypoints_sim.npy",
        "tri.mat",
      ],
    ),
    68,
  ],
  ["Deep3D", loadAll("BFM_model_front.mat"), 68],
  ["eos", loadAll("eos.bin", "eos-blendshapes.bin", "eos-landmarks.txt"), 2],
  ["ICT-FaceKit", loadAll("generic_neutral_mesh.obj", "identity000.obj", "jawOpen.obj"), 0],
  ["GLB", new Map([["head.glb", await writeGlb(octahedron)]]), 0],
  ["headform's own", new Map([["own", writeModel(await readModel(load("eos.bin")))]]), 0],
];

test.each(EVERY)("%s: evaluates and fits", async (_, files, landmarkCount) => {
  const model = await readModel(files);
  const rest = evaluate(model);
  const deviations = model.shapeStandardDeviations;
  const expression = model.expressionNames.length > 0 ? [0.5] : [];
  const truth = { shape: deviations.length > 0 ? [deviations[0]] : [], expression };

  // 1. Vertices, landmarks, a mesh.
  const head = evaluate(model, truth);
  expect(farthest(head, rest)).toBeGreaterThan(0);
  expect(head.every(Number.isFinite)).toBe(true);
  expect(evaluateLandmarks(head, model).length).toBe(3 * landmarkCount);
  checkMesh(toMesh(model, truth), "test");

  // 2. From its six vertices in space, believed to a millionth of their size.
  const size = Math.max(...rest.map(Math.abs));
  const vertices = [0, 1, 2, 3, 4, 5];
  const found = fitLandmarks3d(model, head, { vertices, noise: 1e-6 * size, joints: [] });
  // Singles carry seven digits.
  expect(found.residual).toBeLessThan(1e-6 * size);

  // 3. From where a camera sees them, four heads away, in 400 pixels.
  const pixels = vertices.flatMap((v) => {
    const depth = 8 * size - head[3 * v + 2];
    return [200 + (800 * head[3 * v]) / depth, 200 - (800 * head[3 * v + 1]) / depth];
  });
  const seen = fitLandmarks2d(model, pixels, { vertices, imageSize: [400, 400], joints: [] });
  // Six points and an unknown distance: what the prior holds back is 0.24 pixels at most.
  expect(seen.residual).toBeLessThan(0.5);
});

const eos = sharedFolder("models/eos");

describe.skipIf(!eos)("the Surrey Face Model (needs the shared folder's models)", async () => {
  const names = ["sfm_shape_3448.bin", "expression_blendshapes_3448.bin", "ibug_to_sfm.txt"];
  const surrey = eos
    ? await readModel(new Map(names.map((name) => [name, readFileSync(join(eos, name))])))
    : openHead();
  if (surrey.kind !== "pca") throw new Error("expected a PCA model");

  test("takes 68 landmarks and uses the 50 that it knows", () => {
    const random = createRandom(4);
    const shape = Float64Array.from(surrey.shapeStandardDeviations, (s, k) =>
      k < 10 ? s * random.normal() : 0,
    );
    const truth = evaluate(surrey, { shape });
    const points = evaluateLandmarks(truth, surrey);
    const all = new Float64Array(3 * 68).fill(Number.NaN);
    surrey.landmarkNumbers!.forEach((number, l) => {
      all.set(points.subarray(3 * l, 3 * l + 3), 3 * number);
    });
    const options = { noise: 1e-3, scale: 1 };
    const found = fitLandmarks3d(surrey, all, options);
    expect(found.residual).toBeLessThan(0.05);
    expect(found.shape).toEqual(fitLandmarks3d(surrey, points, options).shape);
  });

  test("is matched with the open head, whose heads it then shows", () => {
    const head = openHead();
    const map = fitCorrespondence(head, surrey);
    // Another laboratory's mean of faces, in millimeters and meters: within 3 mm of a head.
    expect(map.similarity.scale).toBeCloseTo(1e-3, 9);
    expect(map.residual).toBeLessThan(3e-3);
    const moved = transferCoefficients(map, { shape: [1, -1] });
    expect(moved.shapeResidual).toBeLessThan(3);
  });
});

test("points of an embedding are evaluated by their own verb", async () => {
  const model = await readModel(
    loadAll("flame2023.npz", "landmark_embedding.npy", "mediapipe_landmark_embedding.npz"),
  );
  if (model.kind !== "skinned") throw new Error("expected FLAME");
  const { full, mediapipe } = model.landmarks!;
  const positions = evaluate(model);
  for (const [points, count] of [
    [full!, 68],
    [mediapipe!, 105],
  ] as const) {
    const placed = evaluateSurfacePoints(positions, model.indices, points);
    expect(placed.length).toBe(3 * count);
    // Inside of the octahedron's corners, 0.1 from its center.
    expect(Math.max(...placed.map(Math.abs))).toBeLessThan(0.1);
  }
});

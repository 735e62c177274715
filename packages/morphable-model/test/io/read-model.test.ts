import { readFileSync } from "node:fs";
import { join } from "node:path";
import { computeNormals, type Mesh } from "@headform/mesh";
import { writeGlb } from "@headform/mesh/io";
import { type ColorModel, evaluate, type PcaModel, toMesh } from "@headform/morphable-model";
import { isMorphableModelError, readModel, writeModel } from "@headform/morphable-model/io";
import { previewCamera, renderShaded } from "@headform/raster";
import { createRandom, sharedFolder } from "@headform/testing";
import { describe, expect, test } from "vitest";
import { CORNERS, farthest, load, loadAll, TRIANGLES, V, wave, waveByColumn } from "./models.ts";

async function read(...args: Parameters<typeof readModel>): Promise<PcaModel> {
  const model = await readModel(...args);
  if (model.kind !== "pca") throw new Error(`expected a PCA model, got ${model.kind}`);
  return model;
}

const size = 3 * V;
const colors = wave(41, size).map((x) => x + 0.5);
const millimeters = CORNERS.map((x) => 100 * x);
// Half a unit in the last place of a single at 100.
const SINGLE = 4e-6;

/** A file of one blendshape of so many zeros. */
function blendshapesOf(rows: number): Uint8Array {
  const words = [1, 0, 1, 0].flatMap((word) => [word, 0, 0, 0]);
  return Uint8Array.from([...words, 97, rows, 0, 0, 0, 1, 0, 0, 0, ...new Array(4 * rows).fill(0)]);
}

/** How far a basis [K×V×3] is from orthonormal. */
function fromOrthonormal(basis: Float32Array, length: number): number {
  const count = basis.length / length;
  let largest = 0;
  for (let a = 0; a < count; a++) {
    for (let b = 0; b <= a; b++) {
      let dot = a === b ? -1 : 0;
      for (let i = 0; i < length; i++) dot += basis[a * length + i] * basis[b * length + i];
      largest = Math.max(largest, Math.abs(dot));
    }
  }
  return largest;
}

describe("Basel 2009", () => {
  test.each(["01_MorphableModel.mat", "01_MorphableModel-7.3.mat"])("%s", async (name) => {
    const model = await read(load(name));
    expect(model).toMatchObject({ name: "Basel Face Model", version: "2009", unit: "mm" });
    expect(farthest(model.mean, millimeters)).toBeLessThan(SINGLE);
    // The file's triangles are clockwise.
    expect([...model.indices]).toEqual(TRIANGLES);
    expect(fromOrthonormal(model.shapeBasis, size)).toBeLessThan(1e-6);
    expect([...model.shapeStandardDeviations]).toEqual([9, 5, 3, 1]);
    expect(model.expressionNames).toEqual([]);
    // Bytes in the file.
    expect(farthest(model.color!.mean, colors)).toBeLessThan(SINGLE);
    expect(fromOrthonormal(model.color!.basis, size)).toBeLessThan(1e-6);
    expect(farthest(model.color!.standardDeviations, [0.5, 0.25])).toBeLessThan(1e-7);
  });
});

test("Deep3D's front model", async () => {
  const model = await read(load("BFM_model_front.mat"));
  expect(farthest(model.mean, millimeters)).toBeLessThan(SINGLE);
  expect([...model.indices]).toEqual(TRIANGLES);
  expect(farthest(model.shapeBasis, waveByColumn(13, size, 8, 10))).toBeLessThan(SINGLE);
  expect(farthest(model.expressionBasis, waveByColumn(14, size, 6, 10))).toBeLessThan(SINGLE);
  expect(model.landmarkTriangles.length).toBe(68);
  // Landmark 3 is vertex 3.
  const corner = model.landmarkBarycentrics.indexOf(1, 9) - 9;
  expect(model.indices[3 * model.landmarkTriangles[3] + corner]).toBe(3);
});

test.each([
  "model2017-1_bfm_nomouth.h5",
  "colors-to-255.h5",
  "BFM_model_front.mat",
  "eos-colors.bin",
])("colors of %s", async (name) => {
  const { color } = await read(load(name));
  expect(farthest(color!.mean, colors)).toBeLessThan(1e-6);
  // Basel 2009 has the same colors by one deviation, to singles' digits.
  const other = (await read(load("01_MorphableModel.mat"))).color!;
  const byDeviation = ({ basis, standardDeviations }: ColorModel) =>
    basis.map((x, i) => x * standardDeviations[Math.floor(i / size)]);
  expect(farthest(byDeviation(color!), byDeviation(other))).toBeLessThan(1e-6);
});

test.each(["statismo-0.8.h5", "eos.bin"])("%s has no colors", async (name) => {
  expect((await read(load(name))).color).toBeUndefined();
});

describe("statismo", () => {
  test("colors are written and read back, and refused where they are no numbers", async () => {
    const model = await read(load("model2017-1_bfm_nomouth.h5"));
    expect((await read(writeModel(model))).color).toEqual(model.color);
    const wrong = {
      ...model,
      color: { ...model.color!, mean: new Float32Array(size).fill(Number.NaN) },
    };
    await expect(read(writeModel(wrong))).rejects.toThrow(/color\/mean holds NaN/);
  });

  const rest = millimeters.map((x, i) => x + wave(16, size)[i]);

  test("Basel 2017: an orthonormal basis, chunked and compressed; the expression's mean is added", async () => {
    const model = await read(load("model2017-1_bfm_nomouth.h5"));
    expect(model).toMatchObject({ name: "Basel Face Model", unit: "mm" });
    expect(farthest(model.mean, rest)).toBeLessThan(2 * SINGLE);
    expect([...model.indices]).toEqual(TRIANGLES);
    expect(fromOrthonormal(model.shapeBasis, size)).toBeLessThan(1e-6);
    expect(fromOrthonormal(model.expressionBasis, size)).toBeLessThan(1e-6);
    expect([...model.shapeStandardDeviations]).toEqual([9, 5, 3, 1]);
    expect([...model.expressionStandardDeviations]).toEqual([9, 5, 3]);
  });

  test("before version 0.9 the basis has the deviations in it", async () => {
    const old = await read(load("statismo-0.8.h5"));
    const model = await read(load("model2017-1_bfm_nomouth.h5"));
    expect([...old.shapeStandardDeviations]).toEqual([1, 1, 1, 1]);
    const one = evaluate(old, { shape: [0, 1] });
    expect(farthest(one, evaluate(model, { shape: [0, 5] }))).toBeLessThan(2e-5);
  });
});

describe("3DDFA", () => {
  test("second version: a slim pickle and the statistics of its parameters", async () => {
    const files = loadAll("bfm_noneck_v3_slim.pkl", "param_mean_std_62d_120x120.pkl");
    const model = await read(files);
    expect(farthest(model.mean, millimeters)).toBeLessThan(SINGLE);
    expect([...model.indices]).toEqual(TRIANGLES);
    expect(farthest(model.shapeBasis, waveByColumn(17, size, 40, 1e-3))).toBeLessThan(1e-9);
    const std = wave(20, 62).map((x) => Math.fround(Math.abs(x) * 1e4 + 1));
    expect(farthest(model.shapeStandardDeviations, std.slice(12, 52))).toBeLessThan(1e-3);
    expect(farthest(model.expressionStandardDeviations, std.slice(52))).toBeLessThan(1e-3);
    expect(model.landmarkTriangles.length).toBe(68);
  });

  test("first version: arrays, and triangles of MATLAB counted from 1", async () => {
    const names = ["u_shp", "u_exp", "w_shp_sim", "w_exp_sim", "keypoints_sim"];
    const model = await read(loadAll(...names.map((name) => `${name}.npy`), "tri.mat"));
    expect(farthest(model.mean, millimeters)).toBeLessThan(1e-3);
    expect([...model.indices]).toEqual(TRIANGLES);
    expect([...model.shapeStandardDeviations]).toEqual(new Array(40).fill(1));
  });
});

test("eos with blendshapes and landmarks", async () => {
  const model = await read(loadAll("eos.bin", "eos-blendshapes.bin", "eos-landmarks.txt"));
  expect(farthest(model.mean, millimeters)).toBeLessThan(SINGLE);
  expect([...model.indices]).toEqual(TRIANGLES);
  expect(fromOrthonormal(model.shapeBasis, size)).toBeLessThan(1e-6);
  expect([...model.shapeStandardDeviations]).toEqual([9, 5, 3, 1]);
  expect(model.expressionNames).toEqual(["anger", "surprise"]);
  const anger = wave(23, size).map((x) => 10 * x);
  expect(farthest(model.expressionBasis.subarray(0, size), anger)).toBeLessThan(SINGLE);
  const uvs = wave(22, 2 * V).map((x, i) => (i % 2 === 0 ? x + 0.5 : 0.5 - x));
  expect(farthest(model.uvs!, uvs)).toBeLessThan(1e-7);
  expect(model.landmarkTriangles.length).toBe(2);
  // The chin and the nose, 9 and 31 where one counts from 1.
  expect([...model.landmarkNumbers!]).toEqual([8, 30]);
  const alone = await read(load("eos.bin"));
  expect(alone.expressionNames).toEqual([]);
});

test("a folder of OBJ files, in centimeters", async () => {
  const names = ["generic_neutral_mesh", "identity001", "identity000", "jawOpen", "browDown_L"];
  const model = await read(loadAll(...names.map((name) => `${name}.obj`)));
  expect(model).toMatchObject({ name: "ICT-FaceKit", unit: "mm", expressionRange: [0, 1] });
  expect(farthest(model.mean, millimeters)).toBeLessThan(SINGLE);
  expect(model.expressionNames).toEqual(["browDown_L", "jawOpen"]);
  // Six decimals of centimeters.
  const first = wave(30, size).map((x) => 10 * x);
  expect(farthest(model.shapeBasis.subarray(0, size), first)).toBeLessThan(2e-5);
  expect([...model.uvIndices!]).toEqual(new Array(24).fill(0));
});

test("a GLB with morph targets", async () => {
  const mesh: Mesh = {
    positions: Float32Array.from(CORNERS, (x) => x / 10),
    indices: Uint32Array.from(TRIANGLES),
    unit: "m",
    morphTargets: [{ name: "jawOpen", offsets: Float32Array.from(wave(40, size)), weight: 0 }],
  };
  const model = await read(await writeGlb(mesh));
  expect(model).toMatchObject({ unit: "m", expressionNames: ["jawOpen"] });
  const opened = evaluate(model, { expression: [1] });
  const wanted = mesh.positions.map((x, i) => x + mesh.morphTargets![0].offsets[i]);
  expect(farthest(opened, wanted)).toBeLessThan(1e-7);
});

test("the picture of a GLB is not unpacked", async () => {
  const texture = { width: 1, height: 1, channels: 3 as const, data: new Uint8Array(3) };
  const bytes = await writeGlb(
    {
      positions: Float32Array.from(CORNERS),
      indices: Uint32Array.from(TRIANGLES),
      unit: "m",
      uvs: new Float32Array(12),
      texture,
    },
    // No PNG at all: whoever looked into it would fail.
    { encodeTexture: async () => ({ mimeType: "image/png", bytes: new Uint8Array(64) }) },
  );
  expect((await read(bytes)).mean.length).toBe(size);
});

describe("headform's own file", () => {
  const waves = (count: number): Float32Array => Float32Array.from(wave(50, count));

  test("gives back every model exactly", async () => {
    const pca = await read(loadAll("eos.bin", "eos-blendshapes.bin", "eos-landmarks.txt"));
    const rich: PcaModel = {
      ...pca,
      uvIndices: Uint32Array.from(TRIANGLES),
      mirror: Uint32Array.of(1, 0, 2, 3, 4, 5),
      regions: Uint8Array.of(0, 0, 1, 1, 0, 0),
      regionNames: ["face", "neck"],
      albedo: { width: 2, height: 2, channels: 3, data: new Uint8Array(12).fill(7) },
      albedoModes: {
        skin: { basis: waves(24), width: 2, height: 2, rectangle: [0, 0, 2, 2] },
        skinRange: Float32Array.of(-1, 1, -2, 2),
        eyes: { basis: waves(12), width: 2, height: 2, rectangle: [0, 0, 2, 2] },
        eyeNames: ["blue"],
      },
      contour: {
        yaws: Float32Array.of(-1, 1),
        triangles: new Uint32Array(34).fill(3),
        barycentrics: new Float32Array(102).fill(1 / 3),
      },
    };
    const skinned = await readModel(
      loadAll(
        "flame2023.npz",
        "FLAME_masks.pkl",
        "landmark_embedding.npy",
        "mediapipe_landmark_embedding.npz",
        "head_template.obj",
        "l_eyelid.npy",
      ),
      { contourSign: "mica", licence: "CC-BY-4.0" },
    );
    for (const model of [pca, rich, skinned, await readModel(load("01_MorphableModel.mat"))]) {
      const bytes = writeModel(model);
      expect(await readModel(bytes)).toEqual(model);
      expect(writeModel(await readModel(bytes))).toEqual(bytes);
    }
  });

  test("with a tensor missing is refused by its name", async () => {
    const bytes = writeModel(await readModel(load("eos.bin")));
    const text = Buffer.from(bytes);
    text.write("neam", text.indexOf('"mean"') + 1);
    const error = await readModel(text).catch((e: unknown) => e);
    expect(isMorphableModelError(error) && error.message).toMatch(/tensor mean is missing/);
  });
});

describe("refuses", () => {
  const cases: [string, Parameters<typeof readModel>[0], RegExp][] = [
    ["no bytes", new Uint8Array(0), /no file that heads come in/],
    ["no files", new Map(), /holds no model/],
    ["noise", Uint8Array.from({ length: 999 }, (_, i) => (i * 37) % 251), /no file|holds/],
    ["a table of something else", load("FLAME_masks.pkl"), /holds no model/],
    ["a truncated pickle", load("generic_model.pkl").subarray(0, 50_000), /pickle/],
    ["a truncated eos file", load("eos.bin").subarray(0, 600), /lie outside/],
    [
      "blendshapes of another model",
      new Map([...loadAll("eos.bin"), ["blendshapes", blendshapesOf(30)]]),
      /a blendshape of 30 for 18 numbers/,
    ],
    ["an eos model among others", loadAll("eos.bin", "tri.mat"), /does not belong/],
    ["two models at once", loadAll("BFM_model_front.mat", "statismo-0.8.h5"), /without others/],
    ["a model without triangles", loadAll("u_shp.npy", "w_shp_sim.npy"), /u is missing/],
    ["OBJ files without a neutral one", loadAll("identity000.obj", "jawOpen.obj"), /neutral/],
  ];
  test.each(cases)("%s", async (_, files, message) => {
    const error = await readModel(files).catch((e: unknown) => e);
    expect(isMorphableModelError(error) && error.message).toMatch(message);
    expect(error).toMatchObject({ tag: "morphable-model", code: "bad-file" });
  });

  test("and keeps the format's own error as the cause", async () => {
    const error = await readModel(load("generic_model.pkl").subarray(0, 50_000)).catch((e) => e);
    expect(error).toMatchObject({ cause: { tag: "format", format: "pickle" } });
  });
});

test("200 damaged copies of each file end in a MorphableModelError or a model, quickly", async () => {
  const random = createRandom(8);
  const sets = [
    loadAll("flame2023_no_jaw.pkl", "FLAME_masks.pkl"),
    loadAll("flame-sparse.npz", "landmark_embedding.npy"),
    loadAll("01_MorphableModel.mat"),
    loadAll("BFM_model_front.mat"),
    loadAll("model2017-1_bfm_nomouth.h5"),
    loadAll("bfm_noneck_v3_slim.pkl"),
    loadAll("eos.bin", "eos-blendshapes.bin"),
    loadAll("generic_neutral_mesh.obj", "identity000.obj", "jawOpen.obj"),
    new Map([
      ["head.glb", await writeGlb(toMesh(await read(loadAll("eos.bin", "eos-blendshapes.bin"))))],
    ]),
    new Map([["own", writeModel(await readModel(load("flame2023.npz")))]]),
  ];
  for (const files of sets) {
    for (let round = 0; round < 200; round++) {
      const [name, original] = [...files][round % files.size];
      const bytes = new Uint8Array(original);
      for (let flip = 0; flip <= round % 4; flip++) {
        bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256);
      }
      const end = round % 5 === 0 ? Math.floor(random() * bytes.length) : bytes.length;
      const start = performance.now();
      const error = await readModel(new Map([...files, [name, bytes.subarray(0, end)]])).then(
        () => undefined,
        (e: unknown) => e,
      );
      if (error !== undefined && !isMorphableModelError(error)) throw error;
      if (performance.now() - start > 1000) throw new Error(`${name} took over a second`);
    }
  }
});

const eos = sharedFolder("models/eos");

describe.skipIf(!eos)("the Surrey Face Model (needs the shared folder's models)", () => {
  const surrey = (...names: string[]): Promise<PcaModel> =>
    read(new Map(names.map((name) => [name, readFileSync(join(eos!, name))])));

  test("has the published sizes and an orthonormal basis", async () => {
    const model = await surrey(
      "sfm_shape_3448.bin",
      "expression_blendshapes_3448.bin",
      "ibug_to_sfm.txt",
    );
    expect(model.mean.length).toBe(3 * 3448);
    expect(model.indices.length).toBe(3 * 6736);
    expect(model.uvs!.length).toBe(2 * 3448);
    expect(fromOrthonormal(model.shapeBasis, 3 * 3448)).toBeLessThan(1e-6);
    expect(model.shapeStandardDeviations[0] ** 2).toBeCloseTo(56502.367, 1);
    expect(model.expressionNames).toEqual([
      "anger",
      "disgust",
      "fear",
      "happiness",
      "sadness",
      "surprise",
    ]);
    // The inner 50 of iBUG's 68 that the map knows, with the chin.
    expect(model.landmarkTriangles.length).toBe(50);
    // +X is the subject's left: the nose looks along +Z, the tip is in front of the chin.
    const tip = model.mean.subarray(3 * 114, 3 * 114 + 3);
    const chin = model.mean.subarray(3 * 33, 3 * 33 + 3);
    expect(tip[2]).toBeGreaterThan(chin[2]);
    expect(tip[1]).toBeGreaterThan(chin[1]);
  });

  test("is a face at ±3 standard deviations of its first modes", async () => {
    const model = await surrey("sfm_shape_3448.bin");
    const camera = previewCamera(toMesh(model), { width: 128, height: 160 });
    const areas: number[] = [];
    for (let k = 0; k < 3; k++) {
      for (const sign of [-3, 3]) {
        const shape = new Float64Array(k + 1);
        shape[k] = sign * model.shapeStandardDeviations[k];
        const mesh = toMesh(model, { shape });
        const { data } = renderShaded(mesh, camera, {
          width: 128,
          height: 160,
          background: "transparent",
        });
        areas.push(data.filter((value, i) => i % 4 === 3 && value > 127).length);
        // From the front nearly all of a face looks at the viewer, so it was not turned inside out.
        const normals = computeNormals(mesh);
        const front = normals.filter((z, i) => i % 3 === 2 && z > 0).length;
        expect(front).toBeGreaterThan(0.8 * 3448);
      }
    }
    // A third of the picture at least, and another outline for every end of a mode.
    for (const area of areas) expect(area).toBeGreaterThan(128 * 160 * 0.3);
    expect(new Set(areas).size).toBe(6);
  });

  test("its texture coordinates have the forehead above the chin", async () => {
    const { mean, uvs } = await surrey("sfm_shape_3448.bin");
    let top = 0;
    for (let v = 0; v < mean.length / 3; v++) if (mean[3 * v + 1] > mean[3 * top + 1]) top = v;
    expect(uvs![2 * top + 1]).toBeGreaterThan(uvs![2 * 33 + 1]);
  });
});

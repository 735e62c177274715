import { readFileSync } from "node:fs";
import { writeGlb } from "@headform/mesh/io";
import { toMesh } from "@headform/morphable-model";
import { readModel, writeModel } from "@headform/morphable-model/io";
import { createRandom } from "@headform/testing";
import { fuzzReader } from "../../formats/fuzz/fuzz-reader.ts";
import type { Meter } from "../../formats/fuzz/meter.ts";
import { mutate } from "../../formats/test/mutate.ts";

/** Files that make a model together; one of them at a time is damaged. */
const MODELS: Readonly<Record<string, readonly string[]>> = {
  "model, FLAME": [
    "flame2023_no_jaw.pkl",
    "FLAME_masks.pkl",
    "landmark_embedding.npy",
    "mediapipe_landmark_embedding.npz",
    "head_template.obj",
    "l_eyelid.npy",
  ],
  "model, FLAME npz": [
    "flame2023.npz",
    "flame_static_embedding.pkl",
    "flame_dynamic_embedding.npy",
  ],
  "model, FLAME sparse": ["flame-sparse.npz"],
  "model, Basel 2009": ["01_MorphableModel.mat"],
  "model, Basel 2009 of 7.3": ["01_MorphableModel-7.3.mat"],
  "model, Basel 2017": ["model2017-1_bfm_nomouth.h5"],
  "model, 3DDFA 2": ["bfm_noneck_v3_slim.pkl", "param_mean_std_62d_120x120.pkl"],
  "model, 3DDFA 1": [
    "u_shp.npy",
    "u_exp.npy",
    "w_shp_sim.npy",
    "w_exp_sim.npy",
    "keypoints_sim.npy",
    "tri.mat",
  ],
  "model, Deep3D": ["BFM_model_front.mat"],
  "model, eos": ["eos.bin", "eos-blendshapes.bin", "eos-landmarks.txt"],
  "model, ICT-FaceKit": ["generic_neutral_mesh.obj", "identity000.obj", "jawOpen.obj"],
};

/** Damages one file of each kind of model `cases` times, or of those whose name starts as asked. */
export async function runFuzz(
  cases: number,
  seed: number,
  names: readonly string[],
  meter: Meter,
): Promise<boolean> {
  const folder = new URL(
    "../../../packages/morphable-model/test/fixtures/models/",
    import.meta.url,
  );
  const load = (file: string): [string, Uint8Array] => [
    file,
    Uint8Array.from(readFileSync(new URL(file, folder))),
  ];
  const eos = await readModel(new Map(["eos.bin", "eos-blendshapes.bin"].map(load)));
  const sets: [string, Map<string, Uint8Array>][] = [
    ...Object.entries(MODELS).map(([name, files]): [string, Map<string, Uint8Array>] => [
      name,
      new Map(files.map(load)),
    ]),
    ["model, GLB", new Map([["head.glb", await writeGlb(toMesh(eos))]])],
    ["model, headform's own", new Map([["own", writeModel(eos)]])],
  ];
  let sound = true;
  for (const [name, files] of sets) {
    if (names.length > 0 && !names.some((asked) => name.startsWith(asked))) continue;
    const random = createRandom(seed);
    const list = [...files];
    let damaged = "";
    const next = (k: number): Uint8Array => {
      const [file, bytes] = list[k % list.length]!;
      damaged = file;
      return mutate(bytes, random);
    };
    const read = (bytes: Uint8Array): unknown => readModel(new Map([...files, [damaged, bytes]]));
    const subject = { name, read, next, tag: "morphable-model" };
    sound = (await fuzzReader(subject, cases, meter)) && sound;
  }
  return sound;
}

import { toFloat32 } from "@headform/formats/numpy";
import { readObj } from "@headform/mesh/io";
import type { DynamicContour, SkinnedModel, SurfacePoints } from "../skinned-model.ts";
import { badModel } from "./bad-model.ts";
import { label, type ModelFile, type Table } from "./open-file.ts";
import { findArray, toIndices } from "./take-array.ts";

/** Options of {@link readFlameExtras}. */
export interface FlameExtrasOptions {
  /** Sense of yaw that the first rows of the contour's table are for; "smplx" unless told. */
  readonly contourSign?: DynamicContour["sign"];
}

type Extras = Pick<SkinnedModel, "uvs" | "uvIndices" | "landmarks" | "eyelids" | "masks">;
type Landmarks = NonNullable<SkinnedModel["landmarks"]>;

/**
 * What is published beside FLAME, known by its content: masks, embeddings of landmarks (one file with
 * static, dynamic and full ones; RingNet's two; MediaPipe's), the template with texture coordinates,
 * and, by name, the blendshapes `l_eyelid.npy` and `r_eyelid.npy`.
 *
 * @throws MorphableModelError "bad-file" for a file that is none of these
 */
export function readFlameExtras(
  files: readonly ModelFile[],
  main: ModelFile,
  indices: Uint32Array,
  vertexCount: number,
  options: FlameExtrasOptions,
): Extras {
  const sign = options.contourSign ?? "smplx";
  let extras: Extras = {};
  let landmarks: { -readonly [Key in keyof Landmarks]?: Landmarks[Key] } = {};
  const lids: (Float32Array | undefined)[] = [undefined, undefined];
  for (const file of files) {
    if (file === main) continue;
    if (file.kind === "obj") extras = { ...extras, ...readUvs(file.bytes, indices) };
    else if (file.kind === "table") {
      const found = readLandmarks(file.table, indices.length / 3, sign);
      if (found) landmarks = { ...landmarks, ...found };
      else extras = { ...extras, masks: readMasks(file.table, label(file.name), vertexCount) };
    } else if (file.kind === "array" && /(?:^|[/\\])[lr]_eyelid\.npy$/.test(file.name)) {
      const { shape } = file.array;
      if (shape[0] !== vertexCount || shape[1] !== 3 || shape.length !== 2) {
        throw badModel(`${label(file.name)} has shape ${shape.join("×")}`);
      }
      lids[/l_eyelid\.npy$/.test(file.name) ? 0 : 1] = toFloat32(file.array);
    } else {
      throw badModel(`${label(file.name)} is nothing that belongs to FLAME`);
    }
  }
  const [left, right] = lids;
  if (left || right) {
    const eyelids = new Float32Array(6 * vertexCount);
    if (left) eyelids.set(left);
    if (right) eyelids.set(right, 3 * vertexCount);
    extras = { ...extras, eyelids };
  }
  const { static: fixed, ...rest } = landmarks;
  if (!fixed) {
    if (Object.keys(rest).length === 0) return extras;
    // A contour or MediaPipe's points alone: no points stay.
    const none = { triangles: new Uint32Array(0), barycentrics: new Float32Array(0) };
    return { ...extras, landmarks: { static: none, ...rest } };
  }
  return { ...extras, landmarks: { static: fixed, ...rest } };
}

/** The landmarks that a table holds, under any of the names in use. */
function readLandmarks(
  table: Table,
  triangleCount: number,
  sign: DynamicContour["sign"],
): Partial<Landmarks> | undefined {
  const points = (triangleKey: string, weightKey: string): SurfacePoints | undefined => {
    const triangles = findArray(table, triangleKey);
    const weights = findArray(table, weightKey);
    if (!triangles || !weights) return undefined;
    const barycentrics = toFloat32(weights);
    if (barycentrics.length !== 3 * triangles.data.length) {
      throw badModel(`${weightKey} is not as long as ${triangleKey}`);
    }
    return { triangles: toIndices(triangleKey, triangles.data, triangleCount), barycentrics };
  };
  const found: { -readonly [Key in keyof Landmarks]?: Landmarks[Key] } = {};

  // 1. The file of DECA, MICA and their kin. Where it has all 68 alone, they are the landmarks.
  const full = points("full_lmk_faces_idx", "full_lmk_bary_coords");
  const fixed = points("static_lmk_faces_idx", "static_lmk_bary_coords") ?? full;
  if (fixed) found.static = fixed;
  if (full && full !== fixed) found.full = full;
  const contour = points("dynamic_lmk_faces_idx", "dynamic_lmk_bary_coords");
  if (contour) found.dynamicContour = { ...contour, sign };

  // 2. RingNet's two files have the same keys and differ in rank; MediaPipe's names its points too.
  const single = points("lmk_face_idx", "lmk_b_coords");
  if (single) {
    const names = findArray(table, "landmark_indices");
    if (names) {
      if (names.data.length !== single.triangles.length) {
        throw badModel("landmark_indices is not as long as lmk_face_idx");
      }
      found.mediapipe = { ...single, indices: toIndices("landmark_indices", names.data, 478) };
    } else if (
      findArray(table, "lmk_face_idx")!.shape.length === 2 &&
      findArray(table, "lmk_face_idx")!.shape[0] > 1
    ) {
      found.dynamicContour = { ...single, sign };
    } else {
      found.static = single;
    }
  }
  if (found.dynamicContour && found.dynamicContour.triangles.length % 79 !== 0) {
    throw badModel("the contour has not 79 rows");
  }
  return Object.keys(found).length > 0 ? found : undefined;
}

function readMasks(
  table: Table,
  file: string,
  vertexCount: number,
): ReadonlyMap<string, Uint32Array> {
  const masks = new Map<string, Uint32Array>();
  for (const name of table.keys()) {
    const array = findArray(table, name);
    if (array?.shape.length !== 1) throw badModel(`${file} is nothing that belongs to FLAME`);
    masks.set(name, toIndices(name, array.data, vertexCount));
  }
  return masks;
}

/** Texture coordinates of the template; its triangles may come in another order or start elsewhere. */
function readUvs(bytes: Uint8Array, indices: Uint32Array): Pick<SkinnedModel, "uvs" | "uvIndices"> {
  const mesh = readObj(bytes);
  if (!mesh.uvs) throw badModel("the template has no texture coordinates");
  const corners = mesh.uvIndices ?? mesh.indices;
  const places = new Map<string, readonly number[]>();
  for (let t = 0; t < mesh.indices.length; t += 3) {
    for (let turn = 0; turn < 3; turn++) {
      const order = [0, 1, 2].map((i) => t + ((i + turn) % 3));
      const key = order.map((i) => mesh.indices[i]).join();
      places.set(
        key,
        order.map((i) => corners[i]),
      );
    }
  }
  const uvIndices = new Uint32Array(indices.length);
  for (let t = 0; t < indices.length; t += 3) {
    const place = places.get(`${indices[t]},${indices[t + 1]},${indices[t + 2]}`);
    if (!place) throw badModel(`the template has no triangle ${t / 3} of the model`);
    uvIndices.set(place, t);
  }
  return { uvs: mesh.uvs, uvIndices };
}

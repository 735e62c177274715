import { readSafetensors, type SafetensorsTensor } from "@headform/formats/safetensors";
import type { Image, Unit } from "@headform/mesh";
import type { AlbedoPatch, PcaModel } from "../pca-model.ts";
import { readHead } from "../read-head.ts";
import type { SkinnedModel, SurfacePoints } from "../skinned-model.ts";
import { badModel } from "./bad-model.ts";
import { OWN_FORMAT } from "./model-tensors.ts";

type Tensors = ReadonlyMap<string, SafetensorsTensor>;

/** A model that `writeModel` wrote, or the head that headform ships (`readHead`). */
export function readOwn(bytes: Uint8Array): PcaModel | SkinnedModel {
  const { tensors, metadata } = readSafetensors(bytes);
  if (metadata.format === "headform-head") return readHead(bytes);
  if (metadata.format !== OWN_FORMAT) throw badModel(`format is ${metadata.format ?? "missing"}`);
  const expressionRange = listOf(metadata, "expressionRange", "number");
  const range = expressionRange?.length === 2 ? expressionRange : undefined;
  const uvs = find(tensors, "uvs", Float32Array);
  const uvIndices = find(tensors, "uvIndices", Uint32Array);
  const common = {
    name: metadata.name ?? "",
    version: metadata.version ?? "",
    licence: metadata.licence ?? "",
    unit: unitOf(metadata.unit),
    indices: take(tensors, "indices", Uint32Array),
    ...(uvs && { uvs }),
    ...(uvIndices && { uvIndices }),
    shapeBasis: take(tensors, "shapeBasis", Float32Array),
    shapeStandardDeviations: take(tensors, "shapeStandardDeviations", Float32Array),
    expressionBasis: take(tensors, "expressionBasis", Float32Array),
    expressionStandardDeviations: take(tensors, "expressionStandardDeviations", Float32Array),
    expressionNames: listOf(metadata, "expressionNames", "string") ?? [],
    ...(range && { expressionRange: [range[0], range[1]] as const }),
  };
  if (metadata.kind === "pca")
    return { kind: "pca", ...common, ...readPcaParts(tensors, metadata) };
  if (metadata.kind !== "skinned") throw badModel(`kind is ${metadata.kind ?? "missing"}`);
  return { kind: "skinned", ...common, ...readSkinnedParts(tensors, metadata) };
}

type Metadata = Readonly<Record<string, string>>;

function readPcaParts(
  tensors: Tensors,
  metadata: Metadata,
): Pick<
  PcaModel,
  | "mean"
  | "landmarkTriangles"
  | "landmarkBarycentrics"
  | "landmarkNumbers"
  | "mirror"
  | "regions"
  | "regionNames"
  | "albedo"
  | "albedoModes"
  | "contour"
  | "color"
> {
  const landmarkNumbers = find(tensors, "landmarkNumbers", Uint32Array);
  const mirror = find(tensors, "mirror", Uint32Array);
  const regions = find(tensors, "regions", Uint8Array);
  const regionNames = listOf(metadata, "regionNames", "string");
  const albedo = tensors.get("albedo");
  return {
    mean: take(tensors, "mean", Float32Array),
    landmarkTriangles: take(tensors, "landmarkTriangles", Uint32Array),
    landmarkBarycentrics: take(tensors, "landmarkBarycentrics", Float32Array),
    ...(landmarkNumbers && { landmarkNumbers }),
    ...(mirror && { mirror }),
    ...(regions && { regions }),
    ...(regionNames && { regionNames }),
    ...(albedo && { albedo: imageOf(albedo) }),
    ...(tensors.has("albedoModes/skin") && {
      albedoModes: {
        skin: patchOf(tensors, metadata, "albedoModes/skin", "skinRectangle"),
        skinRange: take(tensors, "albedoModes/skinRange", Float32Array),
        eyes: patchOf(tensors, metadata, "albedoModes/eyes", "eyeRectangle"),
        eyeNames: listOf(metadata, "eyeNames", "string") ?? [],
      },
    }),
    ...(tensors.has("contour/yaws") && {
      contour: {
        yaws: take(tensors, "contour/yaws", Float32Array),
        triangles: take(tensors, "contour/triangles", Uint32Array),
        barycentrics: take(tensors, "contour/barycentrics", Float32Array),
      },
    }),
    ...(tensors.has("color/mean") && {
      color: {
        mean: take(tensors, "color/mean", Float32Array),
        basis: take(tensors, "color/basis", Float32Array),
        standardDeviations: take(tensors, "color/standardDeviations", Float32Array),
      },
    }),
  };
}

function readSkinnedParts(
  tensors: Tensors,
  metadata: Metadata,
): Pick<
  SkinnedModel,
  | "template"
  | "poseBasis"
  | "jointRegressor"
  | "skinningWeights"
  | "parents"
  | "jointNames"
  | "landmarks"
  | "eyelids"
  | "masks"
> {
  const eyelids = find(tensors, "eyelids", Float32Array);
  const points = (name: string): SurfacePoints | undefined =>
    tensors.has(`landmarks/${name}/triangles`)
      ? {
          triangles: take(tensors, `landmarks/${name}/triangles`, Uint32Array),
          barycentrics: take(tensors, `landmarks/${name}/barycentrics`, Float32Array),
        }
      : undefined;
  const fixed = points("static");
  const full = points("full");
  const contour = points("dynamicContour");
  const mediapipe = points("mediapipe");
  const sign = metadata.contourSign === '"mica"' ? "mica" : "smplx";
  const masks = new Map<string, Uint32Array>();
  for (const name of tensors.keys()) {
    if (name.startsWith("masks/")) masks.set(name.slice(6), take(tensors, name, Uint32Array));
  }
  return {
    template: take(tensors, "template", Float32Array),
    poseBasis: take(tensors, "poseBasis", Float32Array),
    jointRegressor: take(tensors, "jointRegressor", Float32Array),
    skinningWeights: take(tensors, "skinningWeights", Float32Array),
    parents: take(tensors, "parents", Int32Array),
    jointNames: listOf(metadata, "jointNames", "string") ?? [],
    ...(fixed && {
      landmarks: {
        static: fixed,
        ...(full && { full }),
        ...(contour && { dynamicContour: { ...contour, sign } as const }),
        ...(mediapipe && {
          mediapipe: {
            ...mediapipe,
            indices: take(tensors, "landmarks/mediapipe/indices", Uint32Array),
          },
        }),
      },
    }),
    ...(eyelids && { eyelids }),
    ...(masks.size > 0 && { masks }),
  };
}

type ArrayType<T> = new (...args: never[]) => T;

function find<T>(tensors: Tensors, name: string, Type: ArrayType<T>): T | undefined {
  return tensors.has(name) ? take(tensors, name, Type) : undefined;
}

function take<T>(tensors: Tensors, name: string, Type: ArrayType<T>): T {
  const data = tensors.get(name)?.data;
  if (!(data instanceof Type)) throw badModel(`tensor ${name} is missing or of another type`);
  return data;
}

function patchOf(tensors: Tensors, metadata: Metadata, name: string, key: string): AlbedoPatch {
  const [, height = 0, width = 0, channels] = tensors.get(name)?.shape ?? [];
  const rectangle = listOf(metadata, key, "number");
  if (channels !== 3 || rectangle?.length !== 4 || height < 2 || width < 2) {
    throw badModel(`${name} is no picture`);
  }
  const [left, top, columns, rows] = rectangle;
  const basis = take(tensors, name, Float32Array);
  return { basis, width, height, rectangle: [left, top, columns, rows] };
}

function imageOf({ shape, data }: SafetensorsTensor): Image {
  const [height, width, channels] = shape;
  const known = shape.length === 3 && (channels === 1 || channels === 3 || channels === 4);
  if (!known || !(data instanceof Uint8Array)) throw badModel("albedo is no picture");
  return { width, height, channels, data };
}

function unitOf(unit: string | undefined): Unit {
  if (unit === "m" || unit === "mm" || unit === "none") return unit;
  throw badModel(`unit is ${unit ?? "missing"}`);
}

function listOf(metadata: Metadata, key: string, type: "string"): string[] | undefined;
function listOf(metadata: Metadata, key: string, type: "number"): number[] | undefined;
function listOf(metadata: Metadata, key: string, type: string): (string | number)[] | undefined {
  const text = metadata[key];
  if (text === undefined) return undefined;
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch (cause) {
    throw badModel(`${key} is not a list`, cause);
  }
  if (!Array.isArray(list) || list.some((item) => typeof item !== type)) {
    throw badModel(`${key} is not a list of ${type}s`);
  }
  return list;
}

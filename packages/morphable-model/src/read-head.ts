import { readSafetensors, type SafetensorsTensor, toFloat32 } from "@headform/formats/safetensors";
import type { Image, Unit } from "@headform/mesh";
import { MorphableModelError } from "./morphable-model-error.ts";
import type { AlbedoModes, AlbedoPatch, PcaModel, TurningContour } from "./pca-model.ts";

/**
 * Reads a head model file: safetensors with the tensors `mean`, `triangles`, `uvs`, `uvTriangles`,
 * `shapeBasis`, `expressionBasis`, `landmarkTriangles`, `landmarkBarycentrics`, `mirror`, `regions`
 * and, if present, `albedo` with `skinBasis` and `eyeBasis`, and `contourTriangles` with
 * `contourBarycentrics`; names, licence and prior deviations are in its metadata.
 *
 * @param bytes the whole file
 * @throws MorphableModelError "bad-file" when the bytes are no such file or contradict themselves
 */
export function readHead(bytes: Uint8Array): PcaModel {
  let file: ReturnType<typeof readSafetensors>;
  try {
    file = readSafetensors(bytes);
  } catch (cause) {
    throw new MorphableModelError("bad-file", "readHead: not a safetensors file", { cause });
  }
  const { metadata } = file;
  if (metadata.format !== "headform-head") throw bad(`format is ${metadata.format ?? "missing"}`);

  // 1. Tensors, each checked against the sizes that mean and triangles declare.
  const take = (name: string, shape: readonly (number | undefined)[]): SafetensorsTensor => {
    const tensor = file.tensors.get(name);
    if (!tensor) throw bad(`tensor ${name} is missing`);
    const fits =
      tensor.shape.length === shape.length &&
      shape.every((size, axis) => size === undefined || size === tensor.shape[axis]);
    if (!fits) throw bad(`tensor ${name} has shape ${tensor.shape.join("×")}`);
    return tensor;
  };
  const mean = take("mean", [undefined, 3]);
  const vertexCount = mean.shape[0];
  const triangles = take("triangles", [undefined, 3]);
  const triangleCount = triangles.shape[0];
  const uvs = take("uvs", [undefined, 2]);
  const shapeBasis = take("shapeBasis", [undefined, vertexCount, 3]);
  const expressionBasis = take("expressionBasis", [undefined, vertexCount, 3]);
  const landmarkTriangles = take("landmarkTriangles", [undefined]);
  const landmarkCount = landmarkTriangles.shape[0];
  const expressionNames = readList(metadata, "expressionNames", "string");
  const regionNames = readList(metadata, "regionNames", "string");

  // 2. Names and deviations.
  if (expressionNames.length !== expressionBasis.shape[0]) {
    throw bad(`${expressionNames.length} names for ${expressionBasis.shape[0]} expressions`);
  }
  const shapeDeviations = deviations(metadata, "shapeStandardDeviations", shapeBasis.shape[0]);
  const expressionDeviations = deviations(
    metadata,
    "expressionStandardDeviations",
    expressionNames.length,
  );
  const albedo = file.tensors.get("albedo");
  const image = albedo && readAlbedo(albedo);
  const contour =
    file.tensors.has("contourTriangles") && readContour(take, metadata, triangleCount);
  return {
    kind: "pca",
    name: metadata.name ?? metadata.format,
    version: metadata.version ?? "",
    licence: metadata.licence ?? "",
    unit: readUnit(metadata.unit),
    mean: finite("mean", mean),
    indices: whole("triangles", triangles, vertexCount),
    uvs: finite("uvs", uvs),
    uvIndices: whole("uvTriangles", take("uvTriangles", [triangleCount, 3]), uvs.shape[0]),
    shapeBasis: finite("shapeBasis", shapeBasis),
    shapeStandardDeviations: shapeDeviations,
    expressionBasis: finite("expressionBasis", expressionBasis),
    expressionStandardDeviations: expressionDeviations,
    expressionNames,
    expressionRange: [0, 1],
    landmarkTriangles: whole("landmarkTriangles", landmarkTriangles, triangleCount),
    landmarkBarycentrics: finite(
      "landmarkBarycentrics",
      take("landmarkBarycentrics", [landmarkCount, 3]),
    ),
    mirror: whole("mirror", take("mirror", [vertexCount]), vertexCount),
    regions: Uint8Array.from(whole("regions", take("regions", [vertexCount]), regionNames.length)),
    regionNames,
    ...(image && { albedo: image }),
    ...(image &&
      file.tensors.has("skinBasis") && { albedoModes: readModes(take, metadata, image) }),
    ...(contour && { contour }),
  };
}

type Take = (name: string, shape: readonly (number | undefined)[]) => SafetensorsTensor;

function readModes(
  take: Take,
  metadata: Readonly<Record<string, string>>,
  { width, height }: Image,
): AlbedoModes {
  const skinRange = Float32Array.from(readList(metadata, "skinRange", "number"));
  const eyeNames = readList(metadata, "eyeNames", "string");
  const [left = -1, top = -1] = readList(metadata, "eyeOrigin", "number");
  const patch = (name: string, count: number, corner?: [number, number]): AlbedoPatch => {
    const tensor = take(`${name}Basis`, [count, undefined, undefined, 3]);
    const [, rows, columns] = tensor.shape;
    const scales = readList(metadata, `${name}Scales`, "number");
    if (scales.length !== count || rows < 2 || columns < 2) throw bad(`${name}Basis is too small`);
    const basis = finite(`${name}Basis`, tensor);
    const size = basis.length / Math.max(1, count);
    // A copy: the file's own numbers stay as they are.
    const scaled = basis.map((value, i) => value * scales[Math.floor(i / size)]);
    const rectangle: AlbedoPatch["rectangle"] = corner
      ? [corner[0], corner[1], columns, rows]
      : [0, 0, width, height];
    const inside = rectangle[0] >= 0 && rectangle[1] >= 0 && rectangle[0] + rectangle[2] <= width;
    if (!inside || rectangle[1] + rectangle[3] > height) throw bad(`${name}Basis lies outside`);
    return { basis: scaled, width: columns, height: rows, rectangle };
  };
  return {
    skin: patch("skin", skinRange.length / 2),
    skinRange,
    eyes: patch("eye", eyeNames.length, [left, top]),
    eyeNames,
  };
}

function readContour(
  take: Take,
  metadata: Readonly<Record<string, string>>,
  triangleCount: number,
): TurningContour {
  const yaws = Float32Array.from(readList(metadata, "contourYaws", "number"));
  const ascending = yaws.every((yaw, i) => i === 0 || yaw > yaws[i - 1]);
  if (yaws.length < 2 || !ascending) throw bad("contourYaws are not two or more that ascend");
  return {
    yaws,
    triangles: whole(
      "contourTriangles",
      take("contourTriangles", [yaws.length, 17]),
      triangleCount,
    ),
    barycentrics: finite("contourBarycentrics", take("contourBarycentrics", [yaws.length, 17, 3])),
  };
}

function bad(message: string): MorphableModelError {
  return new MorphableModelError("bad-file", `readHead: ${message}`);
}

function finite(name: string, tensor: SafetensorsTensor): Float32Array {
  const values = toFloat32(tensor);
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i])) throw bad(`${name} holds ${values[i]} at ${i}`);
  }
  return values;
}

function whole(name: string, tensor: SafetensorsTensor, limit: number): Uint32Array {
  if (!/^[UI](8|16|32)$/.test(tensor.dtype)) throw bad(`${name} is ${tensor.dtype}, not whole`);
  const values = tensor.data as ArrayLike<number>;
  const out = new Uint32Array(values.length);
  for (let i = 0; i < out.length; i++) {
    if (!(values[i] >= 0 && values[i] < limit)) throw bad(`${name} holds ${values[i]} of ${limit}`);
    out[i] = values[i];
  }
  return out;
}

function readList(
  metadata: Readonly<Record<string, string>>,
  key: string,
  type: "string",
): string[];
function readList(
  metadata: Readonly<Record<string, string>>,
  key: string,
  type: "number",
): number[];
function readList(
  metadata: Readonly<Record<string, string>>,
  key: string,
  type: "string" | "number",
): (string | number)[] {
  let list: unknown;
  try {
    list = JSON.parse(metadata[key] ?? "");
  } catch (cause) {
    throw new MorphableModelError("bad-file", `readHead: ${key} is not a list`, { cause });
  }
  if (!Array.isArray(list) || list.some((item) => typeof item !== type)) {
    throw bad(`${key} is not a list of ${type}s`);
  }
  return list;
}

function deviations(
  metadata: Readonly<Record<string, string>>,
  key: string,
  count: number,
): Float32Array {
  const list = readList(metadata, key, "number");
  if (list.length !== count || list.some((value) => !(value > 0 && value < Infinity))) {
    throw bad(`${key} is not ${count} positive numbers`);
  }
  return Float32Array.from(list);
}

function readUnit(unit: string | undefined): Unit {
  if (unit === "m" || unit === "mm" || unit === "none") return unit;
  throw bad(`unit is ${unit ?? "missing"}`);
}

function readAlbedo(tensor: SafetensorsTensor): Image {
  const [height, width, channels] = tensor.shape;
  if (tensor.dtype !== "U8" || tensor.shape.length !== 3 || channels !== 3) {
    throw bad(`albedo is ${tensor.dtype} of ${tensor.shape.join("×")}`);
  }
  return { width, height, channels, data: Uint8Array.from(tensor.data as Uint8Array) };
}

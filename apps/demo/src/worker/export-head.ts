import { applyMorphTargets, colorsFromTexture, computeNormals, type Image } from "@headform/mesh";
import { type EncodedTexture, writeGlb, writeObj, writePly } from "@headform/mesh/io";
import type { Coefficients, ExportedFile, ExportFormat } from "../protocol.ts";
import { type CurrentHead, meshOf } from "./current-head.ts";
import { zipFiles } from "./zip-files.ts";

/**
 * The head as a file: GLB keeps the neutral head with the expressions as morph targets, the others
 * hold it as it is on show. OBJ comes with material and texture in one ZIP.
 */
export async function exportHead(
  current: CurrentHead,
  format: ExportFormat,
  coefficients: Coefficients,
): Promise<ExportedFile> {
  if (format === "json")
    return text("head.json", "application/json", describe(current, coefficients));
  const mesh = meshOf(current, coefficients);
  if (format === "glb") {
    const extras = describeData(current, coefficients);
    const bytes = await writeGlb(mesh, { name: "head", encodeTexture: encodeJpeg, extras });
    return { name: "head.glb", type: "model/gltf-binary", bytes: owned(bytes) };
  }
  const posed = applyMorphTargets(mesh);
  const still = { ...posed, normals: computeNormals(posed) };
  if (format === "ply") {
    const colored = still.texture ? { ...still, colors: colorsFromTexture(still) } : still;
    return { name: "head.ply", type: "application/octet-stream", bytes: owned(writePly(colored)) };
  }
  const { texture } = still;
  const names = { materialFile: "head.mtl", textureFile: "head.jpg" };
  const { obj, mtl } = writeObj(still, { name: "head", ...(texture && names) });
  const encode = (content: string): Uint8Array => new TextEncoder().encode(content);
  const files = [{ name: "head.obj", bytes: encode(obj) }];
  if (mtl !== undefined) files.push({ name: "head.mtl", bytes: encode(mtl) });
  if (texture) files.push({ name: "head.jpg", bytes: (await encodeJpeg(texture)).bytes });
  return { name: "head-obj.zip", type: "application/zip", bytes: zipFiles(files) };
}

function describe(current: CurrentHead, coefficients: Coefficients): string {
  return `${JSON.stringify(describeData(current, coefficients), undefined, 2)}\n`;
}

/** Camera, pose and coefficients as plain data. */
function describeData(
  { face, model }: CurrentHead,
  { shape, expression }: Coefficients,
): Record<string, unknown> {
  const { box, camera, yawPitchRoll, landmarks68 } = face;
  const degrees = (angle: number): number => (angle * 180) / Math.PI;
  return {
    method: face.method,
    head: { name: model.name, version: model.version, licence: model.licence },
    box: [box.x, box.y, box.width, box.height],
    landmarks68: Array.from({ length: landmarks68.length / 3 }, (_, i) =>
      Array.from(landmarks68.subarray(3 * i, 3 * i + 3)),
    ),
    camera: {
      kind: camera.kind,
      focalLength: camera.focalLength,
      principalPoint: Array.from(camera.principalPoint),
      rotation: Array.from(camera.rotation),
      translation: Array.from(camera.translation),
    },
    pose: {
      rotation: Array.from(face.quaternion),
      yawPitchRollDeg: [yawPitchRoll.yaw, yawPitchRoll.pitch, yawPitchRoll.roll].map(degrees),
    },
    shape: Array.from(shape),
    expression: Object.fromEntries(model.expressionNames.map((name, k) => [name, expression[k]])),
    timings: face.timings,
  };
}

async function encodeJpeg(image: Image): Promise<EncodedTexture> {
  const { width, height, channels, data } = image;
  const pixels = new ImageData(width, height);
  for (let i = 0; i < width * height; i++) {
    for (let c = 0; c < 3; c++) pixels.data[4 * i + c] = data[channels * i + c]!;
    pixels.data[4 * i + 3] = 255;
  }
  const canvas = new OffscreenCanvas(width, height);
  canvas.getContext("2d")!.putImageData(pixels, 0, 0);
  const blob = await canvas.convertToBlob({ type: "image/jpeg", quality: 0.92 });
  return { mimeType: "image/jpeg", bytes: new Uint8Array(await blob.arrayBuffer()) };
}

function text(name: string, type: string, content: string): ExportedFile {
  return { name, type, bytes: owned(new TextEncoder().encode(content)) };
}

/** Bytes with a buffer of their own, to be handed over. */
function owned(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return bytes.byteLength === bytes.buffer.byteLength
    ? (bytes as Uint8Array<ArrayBuffer>)
    : bytes.slice();
}

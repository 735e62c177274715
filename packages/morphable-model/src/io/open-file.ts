import { type Hdf5Group, readHdf5 } from "@headform/formats/hdf5";
import { type MatValue, readMat } from "@headform/formats/matlab";
import { type NdArray, readNpy, readNpz } from "@headform/formats/numpy";
import { type PickleValue, readPickle } from "@headform/formats/pickle";
import { badModel } from "./bad-model.ts";

/** Named values, whatever container they came in. */
export type Table = ReadonlyMap<string, PickleValue>;

/** A file whose container is read: what is in it decides what it is. */
export type ModelFile = { readonly name: string } & (
  | { [Kind in BytesKind]: { readonly kind: Kind; readonly bytes: Uint8Array } }[BytesKind]
  | { readonly kind: "hdf5"; readonly root: Hdf5Group }
  | { readonly kind: "mat"; readonly variables: ReadonlyMap<string, MatValue> }
  | { readonly kind: "table"; readonly table: Table }
  | { readonly kind: "array"; readonly array: NdArray }
);

/** Files that stay bytes until their reader. */
type BytesKind = "glb" | "safetensors" | "eos-model" | "eos-blendshapes" | "obj" | "text";

export type FileOf<Kind extends ModelFile["kind"]> = Extract<ModelFile, { kind: Kind }>;

/**
 * Tells by its first bytes which container a file is, and reads it.
 *
 * @throws FormatError when the container is damaged
 * @throws MorphableModelError "bad-file" when it is none of those that models come in
 */
export function openFile(name: string, bytes: Uint8Array): ModelFile {
  const start = String.fromCharCode(...bytes.subarray(0, 16));
  if (start.startsWith("glTF")) return { name, kind: "glb", bytes };
  if (start.startsWith("\x89HDF\r\n\x1a\n")) return { name, kind: "hdf5", root: readHdf5(bytes) };
  if (isMat(bytes)) return { name, kind: "mat", variables: readMat(bytes) };
  if (start.startsWith("PK\x03\x04")) return { name, kind: "table", table: readNpz(bytes) };
  if (start.startsWith("\x93NUMPY")) {
    const array = readNpy(bytes);
    // A dictionary comes as an array of no axes with one object in it.
    return array.kind === "ndarray"
      ? { name, kind: "array", array }
      : tableOf(name, array.shape.length === 0 ? array.data[0] : array);
  }
  if (isSafetensors(bytes)) return { name, kind: "safetensors", bytes };
  if (isEosModel(bytes)) return { name, kind: "eos-model", bytes };
  if (isEosBlendshapes(bytes)) return { name, kind: "eos-blendshapes", bytes };
  if (/^[\x80c(}\]]/.test(start)) return tableOf(name, readPickle(bytes));
  const head = String.fromCharCode(...bytes.subarray(0, 2000));
  if (/\[landmark_mappings\]/.test(head)) return { name, kind: "text", bytes };
  if (/^\s*(?:#|v |vn |vt |o |g |s |mtllib |usemtl )/.test(head))
    return { name, kind: "obj", bytes };
  throw badModel(`${label(name)} is no file that heads come in`);
}

/** How messages call a file. */
export function label(name: string): string {
  return name === "" ? "the file" : JSON.stringify(name);
}

function tableOf(name: string, value: PickleValue | undefined): ModelFile {
  if (value instanceof Map) {
    const table = new Map<string, PickleValue>();
    for (const [key, entry] of value) if (typeof key === "string") table.set(key, entry);
    return { name, kind: "table", table };
  }
  if (typeof value === "object" && value !== null && "kind" in value && value.kind === "ndarray") {
    return { name, kind: "array", array: value };
  }
  throw badModel(`${label(name)} holds neither a dictionary nor an array`);
}

function isMat(bytes: Uint8Array): boolean {
  if (bytes.length < 128) return false;
  const order = String.fromCharCode(bytes[126], bytes[127]);
  return order === "IM" || order === "MI";
}

function isSafetensors(bytes: Uint8Array): boolean {
  if (bytes.length < 10) return false;
  const length = viewOf(bytes).getUint32(0, true);
  return viewOf(bytes).getUint32(4, true) === 0 && 8 + length <= bytes.length && bytes[8] === 0x7b;
}

/** A class version, then the mean as a column of 3V rows. */
function isEosModel(bytes: Uint8Array): boolean {
  if (bytes.length < 12) return false;
  const [version, rows, columns] = [0, 4, 8].map((at) => viewOf(bytes).getUint32(at, true));
  return version <= 16 && rows > 0 && rows % 3 === 0 && columns === 1;
}

/** A count, then a name's length and a name. */
function isEosBlendshapes(bytes: Uint8Array): boolean {
  if (bytes.length < 17) return false;
  const [count, high, length, highLength] = [0, 4, 8, 12].map((at) =>
    viewOf(bytes).getUint32(at, true),
  );
  return count > 0 && count < 10_000 && high === 0 && length < 1000 && highLength === 0;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

import type { NetworkManifest } from "@headform/inference";

/** A manifest that does not yet say which file it belongs to. */
export type UnsealedManifest<M extends NetworkManifest = NetworkManifest> = M extends unknown
  ? Omit<M, "file" | "bytes" | "sha256">
  : never;

/** A published network as ONNX, with what its input and output mean. */
export interface ImportedNetwork<M extends NetworkManifest = NetworkManifest> {
  /** Bytes of an ONNX file. */
  readonly model: Uint8Array;
  readonly manifest: UnsealedManifest<M>;
}

/**
 * The manifest that lies beside an imported network's file.
 *
 * @param network from an importer
 * @param file name the ONNX file will have, without a folder
 * @throws RangeError when the name has a folder in it
 */
export async function sealManifest(
  network: ImportedNetwork,
  file: string,
): Promise<NetworkManifest> {
  if (file === "" || /[\\/]/.test(file)) {
    throw new RangeError(`sealManifest: expected a plain file name, got "${file}"`);
  }
  const { model, manifest } = network;
  const digest = await crypto.subtle.digest("SHA-256", model as Uint8Array<ArrayBuffer>);
  const sha256 = Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0"));
  return {
    ...manifest,
    file,
    bytes: model.length,
    sha256: sha256.join(""),
  } as NetworkManifest;
}

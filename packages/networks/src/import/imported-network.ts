import type { NetworkManifest } from "@headform/inference";

/** Every platform has it; the language's own type library does not. */
declare const crypto: {
  readonly subtle: { digest(algorithm: "SHA-256", bytes: Uint8Array): Promise<ArrayBuffer> };
};

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
 * @param digest SHA-256 of bytes as hexadecimal digits; Web Crypto's unless told, which copies them
 * @throws RangeError when the name has a folder in it
 */
export async function sealManifest(
  network: ImportedNetwork,
  file: string,
  digest: (bytes: Uint8Array) => string | Promise<string> = webDigest,
): Promise<NetworkManifest> {
  if (file === "" || /[\\/]/.test(file)) {
    throw new RangeError(`sealManifest: expected a plain file name, got "${file}"`);
  }
  const { model, manifest } = network;
  const sha256 = await digest(model);
  return { ...manifest, file, bytes: model.length, sha256 } as NetworkManifest;
}

async function webDigest(bytes: Uint8Array): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

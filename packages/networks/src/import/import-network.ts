import { readTorch } from "@headform/formats/torch";
import { micaOf } from "../mica/import-mica.ts";
import { NetworkError } from "../network-error.ts";
import { pix2faceOf } from "../pix2face/import-pix2face.ts";
import { pixel3dmmOf } from "../pixel3dmm/import-pixel3dmm.ts";
import { importVrn } from "../vrn/import-vrn.ts";
import type { ImportedNetwork } from "./imported-network.ts";

/**
 * Makes ONNX of any published network that is known here, told apart by what is in the file: VRN's
 * `.t7`, Pix2Face's `.pt`, Pixel3DMM's `.ckpt`, MICA's `.tar`.
 *
 * @param bytes the whole file
 * @throws FormatError when the bytes are of neither Torch
 * @throws NetworkError `"unknown"` when the file is none of them, else as the network's own importer
 */
export function importNetwork(bytes: Uint8Array): ImportedNetwork {
  // Torch7 starts with the type of its first value, a table or an object, as four bytes.
  if ((bytes[0] === 3 || bytes[0] === 4) && bytes[1] === 0 && bytes[2] === 0) {
    return importVrn(bytes);
  }
  const checkpoint = readTorch(bytes);
  const names = checkpoint instanceof Map ? new Set(checkpoint.keys()) : new Set();
  if (names.has("arcface")) return micaOf(checkpoint);
  if (names.has("state_dict")) return pixel3dmmOf(checkpoint);
  if (names.has("dconv1.weight")) return pix2faceOf(checkpoint);
  throw new NetworkError(
    "unknown",
    "importNetwork: expected a network of Pix2Face, Pixel3DMM, VRN or MICA, got another checkpoint",
  );
}

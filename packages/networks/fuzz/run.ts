import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { isFormatError, readTorch } from "@headform/formats/torch";
import { importNetwork, NetworkError } from "@headform/networks/import";
import { readOnnx } from "@headform/networks/onnx";
import { createRandom } from "@headform/testing";
import { fuzzReader } from "../../formats/fuzz/fuzz-reader.ts";
import type { Meter } from "../../formats/fuzz/meter.ts";
import { mutate } from "../../formats/test/mutate.ts";
import { writeState } from "../test/import/write-state.ts";

type Checkpoint = Map<string, unknown>;

/** Checkpoints of the published layouts, by what is fuzzed. */
const FILES: Readonly<Record<string, string>> = {
  "network, VRN": "vrn-plain.t7",
  "network, Pix2Face": "pix2face.pt",
  "network, Pixel3DMM": "pixel3dmm-normals.ckpt",
  "network, MICA": "mica.tar",
};

/** Damages a checkpoint of each published network `cases` times, or of those whose name starts as asked. */
export async function runFuzz(
  cases: number,
  seed: number,
  names: readonly string[],
  meter: Meter,
): Promise<boolean> {
  const folder = new URL("../../../packages/networks/test/fixtures/published/", import.meta.url);
  const load = (file: string): Uint8Array =>
    Uint8Array.from(gunzipSync(readFileSync(new URL(`${file}.gz`, folder))));
  const onnx = importNetwork(load("pix2face.pt")).model;
  // As streams, which have no checksums: damage gets as far as the network.
  const { state_dict } = Object.fromEntries(
    readTorch(load("pixel3dmm-normals.ckpt")) as Checkpoint,
  );
  const settings = new Map([["num_heads", 4]]);
  const pixel3dmm = writeState(
    new Map([
      ["state_dict", state_dict],
      ["hyper_parameters", settings],
    ]),
  );
  const mica = writeState(readTorch(load("mica.tar")) as Checkpoint);
  const subjects = [
    { name: "network, Pixel3DMM stream", read, bytes: pixel3dmm },
    { name: "network, MICA stream", read, bytes: mica },
    ...Object.entries(FILES).map(([name, file]) => ({ name, read, bytes: load(file) })),
    { name: "network, ONNX", read: readOnnx, bytes: onnx },
  ];
  let sound = true;
  for (const { name, read: reader, bytes } of subjects) {
    if (names.length > 0 && !names.some((asked) => name.startsWith(asked))) continue;
    const random = createRandom(seed);
    const next = (): Uint8Array => mutate(bytes, random);
    sound = (await fuzzReader({ name, read: reader, next, tag: "network" }, cases, meter)) && sound;
  }
  return sound;
}

/** A damaged file is refused by its reader or by the importer: here both are one. */
function read(bytes: Uint8Array): unknown {
  try {
    return importNetwork(bytes);
  } catch (cause) {
    if (!isFormatError(cause)) throw cause;
    throw new NetworkError("unknown", cause.message, { cause });
  }
}

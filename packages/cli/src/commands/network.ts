import { createHash } from "node:crypto";
import { basename, dirname, extname, join, resolve } from "node:path";
import { writeNpy } from "@headform/formats/numpy";
import { isFormatError } from "@headform/formats/torch";
import { type NetworkManifest, readManifest } from "@headform/inference";
import { createBackend } from "@headform/inference/node";
import {
  type ImportedNetwork,
  importNetwork,
  isNetworkError,
  sealManifest,
} from "@headform/networks/import";
import { alignIdentity, prepareIdentityInput } from "@headform/networks/mica";
import { type OnnxDescription, readOnnx } from "@headform/networks/onnx";
import { reconstructPhoto } from "@headform/reconstruction";
import { loadReconstructor } from "@headform/reconstruction/node";
import type { Command } from "commander";
import { Failure } from "../failure.ts";
import { readBytes } from "../read-bytes.ts";
import { readPhoto } from "../read-photo.ts";
import type { Terminal } from "../terminal.ts";
import { checkTargets, protectInputs, writeOutputs } from "../write-output.ts";

interface ImportOptions {
  readonly output: string;
  readonly force?: boolean;
}

/** Adds `headform network import | identity | info` to the program. */
export function addNetwork(program: Command, terminal: Terminal): void {
  const network = program
    .command("network")
    .summary("make ONNX of published networks, and look into networks")
    .description(
      "Networks that you have from their authors: Pix2Face (.pt), Pixel3DMM (.ckpt), VRN (.t7) and\n" +
        "MICA (.tar). Each keeps the licence that its authors gave it.",
    );

  network
    .command("import")
    .summary("make ONNX of a published network, with a manifest beside it")
    .argument("<file>", "checkpoint; its kind is told from what is in it")
    .requiredOption("-o, --output <file>", "network, .onnx; the manifest is <name>.json")
    .option("--force", "replace files that exist")
    .action((file: string, options: ImportOptions) => importFile(file, options, terminal));

  network
    .command("identity")
    .summary("who a photo shows, in the coefficients of an identity network (MICA)")
    .argument("<file>", "network, .onnx, with its manifest beside it")
    .argument("<image>", "photo; its surest face is taken")
    .requiredOption("-o, --output <file>", "coefficients, .npy, as --identity takes them")
    .option("--force", "replace a file that exists")
    .action((file: string, image: string, options: ImportOptions) =>
      writeIdentity(file, image, options, terminal),
    );

  network
    .command("info")
    .summary("what a network is: inputs, outputs, operators, size")
    .argument("<file>", "network, .onnx")
    .option("--json", "print it as JSON")
    .action((file: string, options: { readonly json?: boolean }) =>
      describe(file, options.json === true, terminal),
    );
}

async function importFile(
  file: string,
  { output, force = false }: ImportOptions,
  { cwd, stdout, stderr }: Terminal,
): Promise<void> {
  if (extname(output).toLowerCase() !== ".onnx") {
    throw new Failure("usage", "unknown-format", `-o ${output}: networks are written as .onnx.`);
  }
  const path = resolve(cwd, output);
  const manifestPath = manifestOf(path);
  protectInputs([path, manifestPath], [resolve(cwd, file)]);
  await checkTargets([path, manifestPath], force);
  const network = convert(await readBytes(file, cwd), file);
  const manifest = await sealManifest(network, basename(path), sha256);
  const json = new TextEncoder().encode(`${JSON.stringify(manifest, null, 2)}\n`);
  await writeOutputs(
    [
      { path, bytes: network.model },
      { path: manifestPath, bytes: json },
    ],
    force,
  );
  const size = (network.model.length / 2 ** 20).toFixed(0);
  stderr.write(`${file}: ${manifest.name}, ${size} MB; licence: ${manifest.licence}\n`);
  stdout.write(`${output}\n${join(dirname(output), basename(manifestPath))}\n`);
}

/** Without the copy that Web Crypto makes: networks are large. */
function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function convert(bytes: Uint8Array, file: string): ImportedNetwork {
  try {
    return importNetwork(bytes);
  } catch (cause) {
    if (!isNetworkError(cause) && !isFormatError(cause)) throw cause;
    const code = isNetworkError(cause) ? `${cause.code}-network` : "unreadable-network";
    const message = `${file} is no network that is known here: ${cause.message}.`;
    throw new Failure("failed", code, message, { cause });
  }
}

async function writeIdentity(
  file: string,
  photo: string,
  { output, force = false }: ImportOptions,
  { cwd, stdout }: Terminal,
): Promise<void> {
  if (extname(output).toLowerCase() !== ".npy") {
    throw new Failure("usage", "unknown-format", `-o ${output}: numbers are written as .npy.`);
  }
  const path = resolve(cwd, output);
  await checkTargets([path], force);
  const model = await readBytes(file, cwd);
  const manifest = await manifestBeside(file, cwd);
  if (manifest?.kind !== "identity") {
    const message = `${file} needs a manifest of an identity network beside it (${manifestOf(file)}).`;
    throw new Failure("failed", "wrong-network", message);
  }
  const { image } = await readPhoto(resolve(cwd, photo), photo);
  const reconstructor = await loadReconstructor({ textureSize: 0 });
  try {
    const [face] = await reconstructPhoto(reconstructor, image, { maxFaces: 1 });
    if (!face) throw new Failure("noFace", "no-face", `no face found in ${photo}.`);
    const session = await (await createBackend()).createSession(model);
    const crop = alignIdentity(face.landmarks68, 3);
    const input = prepareIdentityInput(image, crop, manifest);
    const outputs = await session.run({ [manifest.input.name]: input });
    await session.release();
    const data = outputs[manifest.output.name]!.data as Float32Array;
    const bytes = writeNpy({ kind: "ndarray", dtype: "float32", shape: [data.length], data });
    await writeOutputs([{ path, bytes }], force);
    stdout.write(`${output}\n`);
  } finally {
    await reconstructor.release();
  }
}

async function describe(file: string, asJson: boolean, { cwd, stdout }: Terminal): Promise<void> {
  const bytes = await readBytes(file, cwd);
  let network: OnnxDescription;
  try {
    network = readOnnx(bytes);
  } catch (cause) {
    if (!isNetworkError(cause)) throw cause;
    const message = `${file} is no ONNX network. \`headform network import\` makes one of a checkpoint.`;
    throw new Failure("failed", "unreadable-network", message, { cause });
  }
  const manifest = await manifestBeside(file, cwd);
  if (asJson) {
    stdout.write(`${JSON.stringify({ ...network, manifest: manifest ?? null }, null, 2)}\n`);
    return;
  }
  for (const [key, value] of linesOf(network, manifest)) {
    stdout.write(`${key.padEnd(12)}${value}\n`);
  }
}

function linesOf(
  network: OnnxDescription,
  manifest: NetworkManifest | undefined,
): (readonly [string, string])[] {
  const values = (list: OnnxDescription["inputs"]): string =>
    list.map(({ name, type, dims }) => `${name} ${type} [${dims.join(", ")}]`).join("; ");
  const { operators, opsets } = network;
  const nodes = Object.values(operators).reduce((sum, count) => sum + count, 0);
  const named = Object.entries(operators).map(([name, count]) => `${name} ${count}`);
  return [
    ["name", network.name || "not said"],
    ["inputs", values(network.inputs)],
    ["outputs", values(network.outputs)],
    [
      "opset",
      Object.entries(opsets)
        .map(([domain, version]) => `${domain || "ai.onnx"} ${version}`)
        .join(", "),
    ],
    ["operators", `${nodes}: ${named.join(", ")}`],
    ["parameters", network.parameters.toLocaleString("en-US")],
    ["size", `${(network.bytes / 2 ** 20).toFixed(1)} MB`],
    ["producer", network.producer || "not said"],
    [
      "manifest",
      manifest ? `${manifest.kind}, ${manifest.name} ${manifest.networkVersion}` : "none",
    ],
    ...(manifest ? [["licence", manifest.licence] as const] : []),
  ];
}

/** The manifest of the same name; undefined when there is none that can be read. */
async function manifestBeside(file: string, cwd: string): Promise<NetworkManifest | undefined> {
  try {
    const bytes = await readBytes(manifestOf(file), cwd);
    return readManifest(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}

function manifestOf(path: string): string {
  return `${path.replace(/\.onnx$/i, "")}.json`;
}

import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import {
  type DetectorManifest,
  type NetworkManifest,
  readManifest,
  type VolumeManifest,
} from "@headform/inference";
import type { BackendPreference } from "@headform/inference/node";
import { YUNET } from "@headform/networks/detector";
import { loadNetwork } from "@headform/open-head/node";
import type { Method } from "@headform/reconstruction";
import {
  type LoadedReconstructor,
  type LoadReconstructorOptions,
  loadReconstructor as load,
} from "@headform/reconstruction/node";
import { Failure } from "./failure.ts";
import { fetchInputNetwork, isAddress } from "./fetch-input.ts";
import type { Terminal } from "./terminal.ts";

export interface NetworkFiles {
  readonly detector?: string;
  /** The user's own, each in the place that its manifest's kind says. */
  readonly network: readonly string[];
  readonly backend: BackendPreference;
  readonly method: Method;
  readonly variant?: Variant;
}

/** The networks of VRN's paper: the picture alone, with landmarks as a second task, or guided by them. */
export const VARIANTS = ["plain", "multitask", "guided"] as const;
export type Variant = (typeof VARIANTS)[number];

/** What a user's network may be good for, by method. */
const KINDS: Readonly<Record<Method, readonly NetworkManifest["kind"][]>> = {
  pix2face: ["dense"],
  pixel3dmm: ["dense", "surface", "identity", "segmentation"],
  vrn: ["dense", "volume"],
};

type OwnNetworks = Pick<
  LoadReconstructorOptions,
  "dense" | "volume" | "surfaces" | "identity" | "segmentation"
>;

/**
 * The open head and the default networks, these replaced by the user's own files where named.
 *
 * @throws {Failure} when a file cannot be read or is not what its option asks for
 */
export async function loadReconstructor(
  files: NetworkFiles,
  terminal: Terminal,
): Promise<LoadedReconstructor> {
  const own = await loadOwn(files, terminal);
  const detector = files.detector && (await loadDetector(files.detector, terminal));
  if (files.method === "vrn" && !own.volume) own.volume = await loadVolume(files.variant);
  try {
    return await load({ prefer: files.backend, ...own, ...(detector && { detector }) });
  } catch (cause) {
    const named = [
      ...(files.detector ? [`--detector ${files.detector}`] : []),
      ...files.network.map((file) => `--network ${file}`),
    ].join(" or ");
    const where = named && `${named} cannot be used: `;
    throw new Failure("failed", "networks", `${where}${messageOf(cause)}.`, { cause });
  }
}

async function loadOwn(
  { network, method, variant }: NetworkFiles,
  terminal: Terminal,
): Promise<{ -readonly [K in keyof OwnNetworks]: OwnNetworks[K] }> {
  const own: { -readonly [K in keyof OwnNetworks]: OwnNetworks[K] } = {};
  for (const file of network) {
    const { model, manifest } = await loadFiles("--network", file, terminal);
    const kinds = KINDS[method];
    if (!manifest || !kinds.includes(manifest.kind)) {
      throw new Failure(
        "failed",
        "wrong-network",
        `--network ${file} needs a manifest of a ${kinds.join(" or ")} network beside it (${manifestPath(file)}): ` +
          "it says what the input and output planes mean.",
      );
    }
    if (manifest.kind === "dense") own.dense = { model, manifest };
    else if (manifest.kind === "surface") {
      own.surfaces = [...(own.surfaces ?? []), { model, manifest }];
    } else if (manifest.kind === "identity") own.identity = { model, manifest };
    else if (manifest.kind === "segmentation") own.segmentation = { model, manifest };
    else if (manifest.kind === "volume") {
      const found = variantOf(manifest);
      if (variant && variant !== found) {
        throw new Failure(
          "failed",
          "wrong-network",
          `--network ${file} is a ${found} volume network, --variant asks for ${variant}.`,
        );
      }
      own.volume = { model, manifest };
    }
  }
  checkTogether(own);
  return own;
}

/** Uv and normals are two networks of one head; who a face is, is said in that head's coefficients. */
function checkTogether({ surfaces, identity }: OwnNetworks): void {
  const channels = surfaces?.flatMap(({ manifest }) => manifest.output.channels) ?? [];
  const parts = { uv: "uv.u", normals: "normal.x" } as const;
  for (const [name, channel] of Object.entries(parts)) {
    if ((!surfaces && !identity) || channels.includes(channel)) continue;
    const given = [...(surfaces ?? []), ...(identity ? [identity] : [])];
    throw new Failure(
      "failed",
      "missing-network",
      `A network of ${name} is missing beside ${given.map(({ manifest }) => manifest.name).join(" and ")}: ` +
        "networks of uv and of normals belong together, each with a --network of its own.",
    );
  }
}

/** The volume network that comes with headform. */
async function loadVolume(
  variant: Variant = "plain",
): Promise<NonNullable<LoadReconstructorOptions["volume"]>> {
  if (variant === "multitask") {
    throw new Failure(
      "failed",
      "missing-network",
      "No multitask volume network comes with headform: give yours with --network, or drop --variant.",
    );
  }
  const name = variant === "guided" ? "volume-guided" : "volume";
  try {
    return await loadNetwork(name);
  } catch (cause) {
    const reason = messageOf(cause);
    throw new Failure("failed", "missing-network", `--method vrn: ${reason}.`, { cause });
  }
}

function variantOf({ guide, output }: VolumeManifest): Variant {
  return guide ? "guided" : output.landmarks ? "multitask" : "plain";
}

/** A detector with its manifest beside it, or, without one, a YuNet. */
async function loadDetector(
  file: string,
  terminal: Terminal,
): Promise<NonNullable<LoadReconstructorOptions["detector"]>> {
  const { model, manifest } = await loadFiles("--detector", file, terminal);
  if (manifest === undefined) return { model, manifest: YUNET };
  if (manifest.kind === "detector") return { model, manifest: manifest as DetectorManifest };
  throw new Failure("failed", "wrong-network", `--detector ${file} is a ${manifest.kind} network.`);
}

/** A network and its manifest, which a file may lack and an address may not. */
async function loadFiles(
  option: string,
  file: string,
  terminal: Terminal,
): Promise<{ readonly model: Uint8Array; readonly manifest?: NetworkManifest | undefined }> {
  if (isAddress(file)) return fetchInputNetwork(file, terminal);
  const model = await read(option, file, terminal.cwd);
  return { model, manifest: await loadManifest(option, file, terminal.cwd) };
}

async function loadManifest(
  option: string,
  file: string,
  cwd: string,
): Promise<NetworkManifest | undefined> {
  const path = manifestPath(file);
  const text = await readFile(resolve(cwd, path), "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return readManifest(JSON.parse(text));
  } catch (cause) {
    throw new Failure(
      "failed",
      "wrong-manifest",
      `${option} ${file}: its manifest ${path} cannot be used (${messageOf(cause)}).`,
      { cause },
    );
  }
}

function manifestPath(file: string): string {
  return file.replace(/\.onnx$/i, "").concat(".json");
}

async function read(option: string, file: string, cwd: string): Promise<Uint8Array> {
  try {
    return await readFile(resolve(cwd, file));
  } catch (cause) {
    throw new Failure(
      "failed",
      "unreadable-file",
      `${option} ${file} could not be read (${messageOf(cause)}). Check the path.`,
      { cause },
    );
  }
}

function messageOf(cause: unknown): string {
  return (cause instanceof Error ? cause.message : String(cause)).replace(/\.$/, "");
}

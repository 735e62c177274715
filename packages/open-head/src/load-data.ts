import {
  checkDigest,
  type DenseManifest,
  type DetectorManifest,
  isInferenceError,
  readManifest,
  type VolumeManifest,
} from "@headform/inference";
import { OpenHeadError } from "./open-head-error.ts";

/** Options of every loader; both may be left out. */
export interface LoadOptions {
  /** Folder that holds the data files, as a URL that ends in a slash; default the package's own. */
  readonly baseUrl?: string | URL;
  readonly signal?: AbortSignal;
}

/** How many vertices a head has: about 1,000, 6,000 or 15,000. */
export type Detail = (typeof DETAILS)[number];

export const DETAILS = ["low", "medium", "high"] as const;

/** The level of detail of the head's own file. */
export const DEFAULT_DETAIL: Detail = "medium";

/** Options of `loadHead` on every platform. */
export interface LoadHeadOptions {
  /** Level of detail, "medium" unless told: that of the head itself. */
  readonly detail?: Detail;
}

/** The head model, as bytes of its files; `readHead` of @headform/morphable-model reads them. */
export interface LoadedHead {
  readonly head: Uint8Array;
  /** How a level other than "medium" is mixed from the head, for `readDetail`. */
  readonly detail?: Uint8Array;
}

/** The manifest of each network of this package. */
export interface NetworkManifests {
  readonly dense: DenseManifest;
  readonly detector: DetectorManifest;
  readonly volume: VolumeManifest;
  readonly "volume-guided": VolumeManifest;
}

const KINDS: { readonly [Name in NetworkName]: NetworkManifests[Name]["kind"] } = {
  dense: "dense",
  detector: "detector",
  volume: "volume",
  "volume-guided": "volume",
};

/** Name of a network of this package. */
export type NetworkName = keyof NetworkManifests;

/** A network: the bytes of its ONNX file, and what its input and output mean. */
export interface LoadedNetwork<Name extends NetworkName = NetworkName> {
  readonly model: Uint8Array;
  readonly manifest: NetworkManifests[Name];
}

/**
 * How a platform gets the bytes of one data file; throws whatever it likes.
 *
 * @param sha256 what the file's digest must be, where that is known: one that is kept may be taken
 */
export type ReadData = (file: string, sha256?: string) => Promise<Uint8Array>;

/** The head model and a level of detail, each checked against the digest beside it. */
export async function loadHeadWith(read: ReadData, detail: Detail): Promise<LoadedHead> {
  if (!DETAILS.includes(detail)) {
    throw new RangeError(`loadHead: expected detail ${DETAILS.join(", ")}, got "${detail}"`);
  }
  const [head, level] = await Promise.all([
    loadSealed(read, "head"),
    detail === "medium" ? undefined : loadSealed(read, `head-${detail}`),
  ]);
  return { head, ...(level && { detail: level }) };
}

async function loadSealed(read: ReadData, name: string): Promise<Uint8Array> {
  const [file, sealFile] = [`${name}.safetensors`, `${name}.json`];
  const found = await get(read, sealFile).then(
    (bytes) => ({ bytes }),
    (error: unknown) => ({ error }),
  );
  // Where both are missing, the file itself is named.
  if ("error" in found) return get(read, file).then(() => Promise.reject(found.error));
  const seal = parse(sealFile, found.bytes) as { readonly sha256?: unknown } | null;
  const bytes = await get(read, file, seal?.sha256);
  await verify(bytes, seal?.sha256, file);
  return bytes;
}

/** One network, checked against the digest in its manifest. */
export async function loadNetworkWith<Name extends NetworkName>(
  read: ReadData,
  name: Name,
): Promise<LoadedNetwork<Name>> {
  if (!Object.hasOwn(KINDS, name)) {
    const names = Object.keys(KINDS).join(", ");
    throw new RangeError(`loadNetwork: expected one of ${names}, got "${name}"`);
  }
  const file = `${name}.json`;
  const json = parse(file, await get(read, file));
  let manifest: ReturnType<typeof readManifest>;
  try {
    manifest = readManifest(json);
  } catch (cause) {
    throw new OpenHeadError(
      "readable",
      file,
      `loadNetwork: ${file}: ${(cause as Error).message}`,
      cause,
    );
  }
  if (manifest.kind !== KINDS[name]) {
    const message = `loadNetwork: ${file}: expected a ${KINDS[name]} network, got ${manifest.kind}`;
    throw new OpenHeadError("readable", file, message);
  }
  const model = await get(read, manifest.file, manifest.sha256);
  await verify(model, manifest.sha256, manifest.file);
  return { model, manifest: manifest as NetworkManifests[Name] };
}

/** A data file that needs no check, e.g. the sample portrait. */
export async function get(read: ReadData, file: string, sha256?: unknown): Promise<Uint8Array> {
  try {
    return await read(file, isDigest(sha256) ? sha256 : undefined);
  } catch (cause) {
    if ((cause as Error)?.name === "AbortError") throw cause;
    if (isInferenceError(cause) && cause.code === "digest") throw altered(file, cause);
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new OpenHeadError(
      "missing",
      file,
      `open-head: data file ${file} cannot be read (${reason}); install @headform/open-head again`,
      cause,
    );
  }
}

function parse(file: string, bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw new OpenHeadError("readable", file, `open-head: ${file} is not JSON`, cause);
  }
}

async function verify(bytes: Uint8Array, sha256: unknown, file: string): Promise<void> {
  try {
    await checkDigest(bytes, String(sha256), file);
  } catch (cause) {
    throw altered(file, cause);
  }
}

function altered(file: string, cause: unknown): OpenHeadError {
  return new OpenHeadError(
    "altered",
    file,
    `open-head: data file ${file} is not the one that was published; install @headform/open-head again`,
    cause,
  );
}

function isDigest(sha256: unknown): sha256 is string {
  return typeof sha256 === "string" && /^[0-9a-f]{64}$/i.test(sha256);
}

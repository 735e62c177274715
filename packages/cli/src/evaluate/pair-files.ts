import { readdir } from "node:fs/promises";
import { extname, join, resolve } from "node:path";
import { Failure } from "../failure.ts";
import { POINT_ENDINGS } from "./read-points.ts";

/** Files of one face: `NAME.ply`, `NAME.json` and so on. */
export interface FaceFiles {
  readonly mesh?: string;
  readonly points?: string;
}

/** The same face twice. */
export interface FacePair {
  readonly name: string;
  readonly predicted: FaceFiles;
  readonly truth: FaceFiles;
}

/** Which files each of the two folders must have for a face. */
export interface Needs {
  readonly predicted: readonly (keyof FaceFiles)[];
  readonly truth: readonly (keyof FaceFiles)[];
}

const MESH_ENDINGS: readonly string[] = [".obj", ".ply", ".stl", ".glb"];
const WORDS: Readonly<Record<keyof FaceFiles, string>> = {
  mesh: `mesh (${MESH_ENDINGS.join(", ")})`,
  points: `landmarks (${POINT_ENDINGS.join(", ")})`,
};

/**
 * Pairs the files of two folders by their names without the ending; the truth says which faces there
 * are.
 *
 * @returns pairs in the order of their names, and the names of predictions that have no truth
 * @throws {Failure} when a folder cannot be read or is empty, a face has two meshes or two sets of
 *   landmarks, or a file that is needed is missing
 */
export async function pairFiles(
  predictions: string,
  truth: string,
  needs: Needs,
  cwd: string,
): Promise<{ readonly pairs: readonly FacePair[]; readonly unpaired: readonly string[] }> {
  const wanted = await listFaces(truth, cwd);
  const found = await listFaces(predictions, cwd);
  if (wanted.size === 0) {
    throw new Failure(
      "failed",
      "no-truth",
      `${truth} holds neither meshes nor landmarks. Give the folder of the true faces.`,
    );
  }
  refuseGaps(truth, "--truth", wanted.keys(), wanted, needs.truth);
  refuseGaps(predictions, "--predictions", wanted.keys(), found, needs.predicted);
  const names = [...wanted.keys()].sort();
  return {
    pairs: names.map((name) => ({
      name,
      predicted: found.get(name) as FaceFiles,
      truth: wanted.get(name) as FaceFiles,
    })),
    unpaired: [...found.keys()].filter((name) => !wanted.has(name)).sort(),
  };
}

async function listFaces(folder: string, cwd: string): Promise<Map<string, FaceFiles>> {
  const path = resolve(cwd, folder);
  const entries = await readdir(path, { withFileTypes: true }).catch((cause: Error) => {
    throw new Failure(
      "failed",
      "unreadable-folder",
      `${folder} could not be read (${cause.message}). Give a folder.`,
      { cause },
    );
  });
  const faces = new Map<string, FaceFiles>();
  for (const entry of entries) {
    const ending = extname(entry.name).toLowerCase();
    const kind = MESH_ENDINGS.includes(ending)
      ? "mesh"
      : POINT_ENDINGS.includes(ending)
        ? "points"
        : undefined;
    if (!entry.isFile() || entry.name.startsWith(".") || !kind) continue;
    const name = entry.name.slice(0, -ending.length);
    const face = faces.get(name) ?? {};
    if (face[kind]) {
      throw new Failure(
        "failed",
        "two-files",
        `${folder} holds two files of one kind for ${name}: ${face[kind]} and ${entry.name}. Keep one.`,
      );
    }
    faces.set(name, { ...face, [kind]: join(path, entry.name) });
  }
  return faces;
}

function refuseGaps(
  folder: string,
  option: string,
  names: Iterable<string>,
  faces: ReadonlyMap<string, FaceFiles>,
  needed: readonly (keyof FaceFiles)[],
): void {
  const all = [...names];
  for (const kind of needed) {
    const missing = all.filter((name) => !faces.get(name)?.[kind]).sort();
    if (missing.length === 0) continue;
    const some = missing.slice(0, 5).join(", ") + (missing.length > 5 ? ", …" : "");
    throw new Failure(
      "failed",
      "missing-counterpart",
      `${option} ${folder} has no ${WORDS[kind]} for ${missing.length} of ${all.length} faces: ${some}. ` +
        "Files are paired by their names without the ending.",
    );
  }
}

import { basename } from "node:path";
import type { Mesh } from "@headform/mesh";
import { Failure } from "../failure.ts";
import { readMeshFile } from "../read-mesh-file.ts";
import type { FaceFiles } from "./pair-files.ts";
import { readPoints } from "./read-points.ts";

export const LENGTH_UNITS = ["m", "cm", "mm"] as const;
export type LengthUnit = (typeof LENGTH_UNITS)[number];

const MILLIMETERS: Readonly<Record<LengthUnit, number>> = { m: 1000, cm: 10, mm: 1 };

/** A face's mesh in millimeters, with its landmarks, where the folder has them. */
export interface LoadedFace {
  readonly positions: Float64Array;
  readonly indices: Uint32Array;
  readonly normals?: Float32Array;
  /** [L×3] */
  readonly landmarks?: Float64Array;
  /** What the files were in; absent: nobody said, and nothing was scaled. */
  readonly unit?: LengthUnit;
}

/**
 * Reads a face's mesh and landmarks and brings both to millimeters.
 *
 * @param unit what the files are in; where absent, what the mesh notes
 * @param remedy option that gives the unit; without, a mesh that notes none is taken as it is
 * @throws {Failure} when a file cannot be read, or the unit is unknown and needed
 */
export async function loadFace(
  files: FaceFiles,
  cwd: string,
  unit: LengthUnit | undefined,
  remedy?: string,
): Promise<LoadedFace> {
  const path = files.mesh as string;
  const mesh: Mesh = await readMeshFile(path, cwd);
  const noted = mesh.unit === "none" ? undefined : mesh.unit;
  const known = unit ?? noted;
  if (!known && remedy) {
    throw new Failure(
      "failed",
      "no-unit",
      `${basename(path)} does not say its unit. Give ${remedy} ${LENGTH_UNITS.join(", ")}.`,
    );
  }
  const scale = known ? MILLIMETERS[known] : 1;
  const scaled = (values: ArrayLike<number>): Float64Array =>
    Float64Array.from(values, (value) => scale * value);
  return {
    positions: scaled(mesh.positions),
    indices: mesh.indices,
    ...(known && { unit: known }),
    ...(mesh.normals && { normals: mesh.normals }),
    ...(files.points && { landmarks: scaled(await readPoints(files.points, cwd, 3)) }),
  };
}

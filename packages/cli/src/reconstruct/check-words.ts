import type { BackendPreference } from "@headform/inference/node";
import type { Detail } from "@headform/open-head";
import type { Method, VolumeSurface } from "@headform/reconstruction";
import { Failure } from "../failure.ts";
import type { Variant } from "../load-reconstructor.ts";
import { parseBox } from "../parse-options.ts";
import type { Format } from "../plan-outputs.ts";

export interface ReconstructOptions {
  readonly output?: string;
  readonly format?: Format;
  readonly box?: string;
  readonly landmarks?: string;
  readonly detector?: string;
  readonly model?: string;
  readonly with: readonly string[];
  readonly detail?: Detail;
  readonly network: readonly string[];
  readonly method: Method;
  readonly variant?: Variant;
  readonly surface?: VolumeSurface;
  readonly identity?: string;
  readonly mask?: string;
  readonly render?: string;
  readonly json?: boolean;
  readonly backend: BackendPreference;
  readonly force?: boolean;
  readonly quiet?: boolean;
}

/**
 * Refuses options that do not go together, before anything is read.
 *
 * @returns the box, where one is given
 * @throws {Failure} of kind "usage"
 */
export function checkWords(
  images: readonly string[],
  options: ReconstructOptions,
): ReturnType<typeof parseBox> | undefined {
  const box = options.box === undefined ? undefined : parseBox(options.box);
  if (box && options.landmarks) {
    throw new Failure("usage", "box-and-landmarks", "Give --box or --landmarks, not both.");
  }
  if ((box || options.landmarks) && images.length > 1) {
    throw new Failure(
      "usage",
      "box-many-photos",
      `${box ? "--box" : "--landmarks"} belongs to one photo, but ${images.length} are given.`,
    );
  }
  for (const option of ["variant", "surface"] as const) {
    if (options[option] && options.method !== "vrn") {
      throw new Failure("usage", "wrong-method", `--${option} belongs to --method vrn.`);
    }
  }
  for (const option of ["identity", "mask"] as const) {
    if (options[option] !== undefined && options.method !== "pixel3dmm") {
      throw new Failure("usage", "wrong-method", `--${option} belongs to --method pixel3dmm.`);
    }
  }
  if (options.mask !== undefined && images.length > 1) {
    const message = `--mask belongs to one photo, but ${images.length} are given.`;
    throw new Failure("usage", "mask-many-photos", message);
  }
  if (options.detail && options.model !== undefined) {
    const message = "--detail belongs to the open head, not to --model.";
    throw new Failure("usage", "detail-and-model", message);
  }
  return box;
}

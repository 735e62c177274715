import { MorphableModelError } from "../morphable-model-error.ts";

/** The error of files that are no model, or one that contradicts itself. */
export function badModel(message: string, cause?: unknown): MorphableModelError {
  return new MorphableModelError("bad-file", message, cause === undefined ? undefined : { cause });
}

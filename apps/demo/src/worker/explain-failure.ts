import { isInferenceError } from "@headform/inference";
import { isOpenHeadError } from "@headform/open-head";
import { isReconstructionError } from "@headform/reconstruction";
import { PageFailure } from "../page-failure.ts";
import type { Failure, FailureCode } from "../protocol.ts";

/** How browsers and the runtime say that memory has run out. */
const MEMORY = /out of memory|allocation fail|bad_alloc|could not allocate|memory access|OOM/i;

/** The page's word for an error of the worker. */
export function explainFailure(error: unknown): Failure {
  if (error instanceof PageFailure) return error.failure;
  const detail = error instanceof Error ? error.message : String(error);
  return { code: codeOf(error, detail), detail };
}

function codeOf(error: unknown, detail: string): FailureCode {
  if ((error as Error | undefined)?.name === "AbortError") return "stopped";
  if (MEMORY.test(detail)) return "out-of-memory";
  if (isReconstructionError(error)) return error.code === "no-face" ? "no-face" : "no-method";
  if (isOpenHeadError(error)) return "no-files";
  if (isInferenceError(error)) return "unknown";
  return error instanceof TypeError && /fetch|network/i.test(detail) ? "no-files" : "unknown";
}

import { TORCH_RECOGNIZERS } from "../torch/recognize-torch.ts";
import type { Recognizer } from "./recognize.ts";
import { NUMPY_RECOGNIZERS } from "./recognize-numpy.ts";
import { PYTHON_RECOGNIZERS } from "./recognize-python.ts";
import { SCIPY_RECOGNIZERS } from "./recognize-scipy.ts";

/** Every constructor that any pickle may name with effect. */
export const RECOGNIZERS: ReadonlyMap<string, Recognizer> = new Map([
  ...PYTHON_RECOGNIZERS,
  ...NUMPY_RECOGNIZERS,
  ...SCIPY_RECOGNIZERS,
  ...TORCH_RECOGNIZERS,
]);

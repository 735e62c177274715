export { FormatError, isFormatError } from "./format-error.ts";
export type {
  MatArray,
  MatCell,
  MatInert,
  MatSparse,
  MatStruct,
  MatText,
  MatValue,
} from "./matlab/mat-value.ts";
export { type ReadMatOptions, readMat } from "./matlab/read-mat.ts";

export { FormatError, isFormatError } from "./format-error.ts";

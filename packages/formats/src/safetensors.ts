export { FormatError, isFormatError } from "./format-error.ts";
export { type ReadSafetensors, readSafetensors } from "./safetensors/read-safetensors.ts";
export {
  type ByteStream,
  type SafetensorsPart,
  streamSafetensors,
} from "./safetensors/stream-safetensors.ts";
export type { SafetensorsDtype, SafetensorsTensor, TensorData } from "./safetensors/tensor.ts";
export { toFloat32 } from "./safetensors/to-float32.ts";
export { writeSafetensors } from "./safetensors/write-safetensors.ts";

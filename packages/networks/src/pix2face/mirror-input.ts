import { createTensor, type Tensor } from "@headform/inference";

/**
 * A network's image input, left and right swapped.
 *
 * @param input [B×C×H×W] float32
 * @throws RangeError when it is not float32 with four sizes
 */
export function mirrorInput(input: Tensor): Tensor<"float32"> {
  if (input.type !== "float32" || input.dims.length !== 4) {
    throw new RangeError(
      `mirrorInput: expected float32 with four sizes, got ${input.type} [${input.dims}]`,
    );
  }
  const width = input.dims[3]!;
  const mirrored = createTensor("float32", input.dims, (input.data as Float32Array).slice());
  for (let row = 0; row < mirrored.data.length; row += width) {
    mirrored.data.subarray(row, row + width).reverse();
  }
  return mirrored;
}

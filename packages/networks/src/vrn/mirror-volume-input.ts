import { createTensor, type Tensor } from "@headform/inference";
import { mirrorInput } from "../pix2face/mirror-input.ts";
import { LANDMARKS } from "./guide.ts";

/** Of each landmark the one that is its mirror image: jaw, brows, nose, eyes, lips. */
const OPPOSITE: readonly number[] = [
  ...[16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0],
  ...[26, 25, 24, 23, 22, 21, 20, 19, 18, 17],
  ...[27, 28, 29, 30, 35, 34, 33, 32, 31],
  ...[45, 44, 43, 42, 47, 46, 39, 38, 37, 36, 41, 40],
  ...[54, 53, 52, 51, 50, 49, 48, 59, 58, 57, 56, 55],
  ...[64, 63, 62, 61, 60, 67, 66, 65],
];

/**
 * A volume network's input, left and right swapped: the picture's columns, and of a guided network's
 * landmarks also which is which.
 *
 * @param input [1×C×H×W] float32 from `prepareVolumeInput`
 * @throws RangeError when it is not float32 with four sizes
 */
export function mirrorVolumeInput(input: Tensor): Tensor<"float32"> {
  const turned = mirrorInput(input);
  const [, channels, height, width] = turned.dims as [number, number, number, number];
  if (channels !== 3 + LANDMARKS) return turned;
  const mirrored = createTensor("float32", turned.dims, turned.data.slice());
  const size = height * width;
  for (const [plane, other] of OPPOSITE.entries()) {
    const from = (3 + other) * size;
    mirrored.data.set(turned.data.subarray(from, from + size), (3 + plane) * size);
  }
  return mirrored;
}

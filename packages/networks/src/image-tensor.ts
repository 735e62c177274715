import { createTensor, type ImageInput, type Tensor } from "@headform/inference";
import type { Image } from "@headform/mesh";

/**
 * A picture as a network's [1×3×H×W] input: bytes mapped onto the input's range, then less the mean
 * and divided by the deviation of each plane, gray repeated, alpha left out. Private to the package.
 *
 * @param image at most W×H; what it does not cover, to the right and below, is black
 */
export function imageTensor(
  image: Image,
  input: Pick<ImageInput, "channels" | "range" | "mean" | "std">,
  width: number,
  height: number,
): Tensor<"float32"> {
  const { data, channels } = image;
  const tensor = createTensor("float32", [1, 3, height, width]);
  const [low, high] = input.range;
  const { mean = [0, 0, 0], std = [1, 1, 1] } = input;
  for (let plane = 0; plane < 3; plane++) {
    const black = (low - mean[plane]!) / std[plane]!;
    const step = (high - low) / std[plane]! / 255;
    if (black !== 0) {
      tensor.data.fill(black, plane * width * height, (plane + 1) * width * height);
    }
    const color = input.channels === "RGB" ? plane : 2 - plane;
    const source = channels === 1 ? 0 : color;
    for (let y = 0; y < image.height; y++) {
      let from = y * image.width * channels + source;
      let to = (plane * height + y) * width;
      for (let x = 0; x < image.width; x++, from += channels, to++) {
        tensor.data[to] = black + step * data[from]!;
      }
    }
  }
  return tensor;
}

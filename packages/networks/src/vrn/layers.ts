/** A module of a tree such as Torch7 has; its weights lie elsewhere, under the module's path. */
export type Layer =
  | { readonly kind: "sequential"; readonly children: readonly Layer[] }
  /** Gives the input to each child and the list of what they make of it. */
  | { readonly kind: "branches"; readonly children: readonly Layer[] }
  /** Adds up a list. */
  | { readonly kind: "sum" }
  | { readonly kind: "identity" | "relu" | "sigmoid" }
  | ConvolutionLayer
  /** Mean 0 and variance 1, of each plane of this picture or as training left them. */
  | {
      readonly kind: "normalization";
      readonly channels: number;
      readonly epsilon: number;
      readonly statistics: "picture" | "training";
      readonly affine: boolean;
    }
  | {
      readonly kind: "max-pool";
      readonly kernel: Pair;
      readonly stride: Pair;
      readonly padding: Pair;
      readonly ceil: boolean;
    }
  | { readonly kind: "nearest"; readonly factor: number }
  /** To a size, corners on corners. */
  | { readonly kind: "bilinear"; readonly height: number; readonly width: number };

export interface ConvolutionLayer {
  readonly kind: "convolution";
  readonly inputs: number;
  readonly outputs: number;
  readonly kernel: Pair;
  readonly stride: Pair;
  readonly padding: Pair;
  readonly groups: number;
  readonly bias: boolean;
}

/** Vertical, horizontal. */
export type Pair = readonly [number, number];

/** A tensor of a layer. */
export type WeightName = "weight" | "bias" | "running_mean" | "running_var";

/**
 * Where the weights come from: the constant's name, the same wherever one layer is used, and its bytes.
 *
 * @throws NetworkError when there is no such tensor of those sizes
 */
export type WeightSource = (
  layer: Layer,
  path: string,
  weight: WeightName,
  dims: readonly number[],
) => { readonly name: string; readonly bytes: Uint8Array };

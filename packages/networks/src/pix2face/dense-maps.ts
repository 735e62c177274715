/** What a dense network says of each pixel of its crop, in the frame and unit of its mean face. */
export interface DenseMaps {
  readonly width: number;
  readonly height: number;
  /** Unit of `pncc` and `offset`. */
  readonly unit: "m" | "mm";
  /** [H×W×3] where the pixel's surface point lies on the mean face. */
  readonly pncc: Float32Array;
  /** [H×W×3] how far identity and expression move that point. */
  readonly offset: Float32Array;
  /** [H×W] probability that the pixel shows the face itself. */
  readonly visible: Float32Array;
  /** [H×W] probability that the face is there, be it behind hair, a hand or glasses. */
  readonly face: Float32Array;
  /** [H×W] how far `pncc` is expected to be from the truth, where the network tells. */
  readonly expectedError?: Float32Array;
}

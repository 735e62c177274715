/** A picture in sRGB bytes: row-major [H×W×channels], the first row on top. */
export interface Image {
  readonly width: number;
  readonly height: number;
  /** 1 gray, 3 RGB, 4 RGBA with straight alpha. */
  readonly channels: 1 | 3 | 4;
  readonly data: Uint8Array;
}

/** A picture of numbers: row-major [H×W×channels], channels interleaved, the first row on top. */
export interface FloatImage {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly data: Float32Array;
}

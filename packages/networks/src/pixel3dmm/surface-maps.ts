/** What a pixel may show, in the order of {@link SurfaceMaps.segments}. */
export type Segment = "background" | "face" | "ears" | "neck" | "eyes" | "mouth" | "hair" | "other";

export const SEGMENTS: readonly Segment[] = [
  "background",
  "face",
  "ears",
  "neck",
  "eyes",
  "mouth",
  "hair",
  "other",
];

/** What is predicted of the surface that each pixel of a crop shows. */
export interface SurfaceMaps {
  readonly width: number;
  readonly height: number;
  /** [H×W×2] texture coordinates of the head model, origin bottom-left. */
  readonly uv: Float32Array;
  /** [H×W×3] of length 1, in the frame of the model: as if the head were looked at upright. */
  readonly normals: Float32Array;
  /** [H×W] probability that the pixel shows the head's skin, its eyes and mouth left out. */
  readonly mask: Float32Array;
  /** [H×W] index into {@link SEGMENTS}, where a network tells. */
  readonly segments?: Uint8Array;
  /** [H×W] expected error of the position, unit of the network, where a network tells. */
  readonly error?: Float32Array;
}

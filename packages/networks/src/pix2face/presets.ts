import type { DenseFormat } from "./dense-format.ts";

const published = (
  min: readonly [number, number, number],
  max: readonly [number, number, number],
  offset: number,
): DenseFormat => ({
  input: {
    name: "image",
    layout: "NCHW",
    channels: "RGB",
    range: [-0.5, 0.5],
    width: 256,
    height: 256,
  },
  crop: { rule: "shorter-side", scale: 1.4 },
  output: {
    name: "planes",
    width: 256,
    height: 256,
    channels: ["pncc.x", "pncc.y", "pncc.z", "offset.x", "offset.y", "offset.z"],
    pncc: { min, max },
    offset: { min: [-offset, -offset, -offset], max: [offset, offset, offset] },
    unit: "mm",
    // The background was trained to be the origin, which lies inside the head.
    background: { distance: 10, erosion: 3 },
  },
});

/**
 * The published six-plane Pix2Face network on the Basel face model's box: input ±0.5, millimetres,
 * background within 10 mm of the origin, eroded by 3×3.
 *
 * @see Pix2Face, §3.1 and §3.2
 */
export const PIX2FACE_BFM: DenseFormat = published([-100, -130, -25], [100, 100, 150], 25);

/** The same network trained on the whole head without the neck. */
export const PIX2FACE_NECKLESS: DenseFormat = published([-100, -130, -120], [100, 130, 120], 20);

/**
 * How a photo becomes a head: by dense correspondence (Pix2Face), by fitting to predicted uv and
 * normals (Pixel3DMM), or by a volume and its isosurface (VRN).
 */
export type Method = "pix2face" | "pixel3dmm" | "vrn";

/** Every method there is. */
export const METHODS: readonly Method[] = ["pix2face", "pixel3dmm", "vrn"];

/** What `reconstructPhoto` does unless told. */
export const DEFAULT_METHOD: Method = "pix2face";

import type { SurfaceTerms } from "@headform/morphable-model";
import type { AdamRates } from "./minimize-adam.ts";

/** What is minimized: terms, priors, and which numbers may move. */
export interface Pixel3dmmPreset {
  readonly terms: SurfaceTerms;
  /** δ of the vertex look-up, texture coordinates. */
  readonly maxDistance: number;
  /** Whether vertices are placed between pixels. */
  readonly subpixel: boolean;
  /** Whether pixels at outlines are left out of the comparison of pictures. */
  readonly reliable: boolean;
  /** Pull of the identity towards its prior: weight·Σ (z − z₀)²/σ². */
  readonly identity: number;
  /** And of the identity towards the mean head, whatever the prior. */
  readonly identityToMean: number;
  readonly expression: number;
  /** Of joints towards rest, per rad²; by name, jaw and neck, and the other joints. */
  readonly jaw: number;
  readonly neck: number;
  readonly eyes: number;
  readonly eyelids: number;
  /** Of the picture's center, per (half side)². */
  readonly center: number;
  /** Of the logarithm of the distance towards a usual one. */
  readonly distance: number;
  /** Joints that turn, by name. */
  readonly joints: readonly string[];
  /** Whether focal length and distance, and the picture's center, may move. */
  readonly freeFocalLength: boolean;
  readonly freeCenter: boolean;
  /**
   * How many independent measurements the maps count for. Absent, priors weigh what they say; else
   * that is in units of the data terms' mean: `E_data·(1 + Σ weight·(z/σ)²/(2N))`.
   */
  readonly independent?: number;
  readonly adam: { readonly steps: number; readonly rates: AdamRates };
}

const NOTHING = { weight: 0, power: 1, cut: 1 } as const;

/** Published learning rates, where they are published; rotations and lengths as in the code. */
const RATES: AdamRates = {
  identity: 0.001,
  expression: 0.003,
  joints: 0.005,
  eyelids: 0.002,
  rotation: 0.005,
  translation: 0.001,
  logFocalLength: 0.005,
  center: 1e-4,
};

/**
 * The paper's energy and settings. What it does not say is the released code's: δ, the cut of 20
 * pixels in 256, the pixel outlier rule.
 *
 * @see Pixel3DMM, equation 8 and section 5.1
 */
export const PIXEL3DMM_PAPER: Pixel3dmmPreset = {
  terms: {
    vertices: { weight: 2000, power: 1, cut: 10 / 256 },
    normals: { weight: 200, power: 1, cut: 0.33 },
    uv: NOTHING,
    silhouette: 0,
    points: 0,
  },
  maxDistance: Math.sqrt(5e-5),
  subpixel: false,
  reliable: false,
  identity: 0.15,
  identityToMean: 0,
  expression: 0.01,
  jaw: 0,
  neck: 0,
  eyes: 0,
  eyelids: 0,
  center: 0,
  distance: 0,
  joints: ["jaw"],
  freeFocalLength: true,
  freeCenter: true,
  adam: { steps: 500, rates: RATES },
};

/**
 * The released code's energy: vertices and rendered uv squared, five times the normals, a silhouette,
 * neck, eyes and eyelids free, focal length and center kept. Left out: terms that need landmarks of
 * its own detectors, and the mirror term, for which model files carry no pairs.
 */
export const PIXEL3DMM_RELEASED: Pixel3dmmPreset = {
  ...PIXEL3DMM_PAPER,
  terms: {
    vertices: { weight: 2000 * 100, power: 2, cut: 10 / 256 },
    normals: { weight: 1000, power: 1, cut: 0.33 },
    uv: { weight: 2000 * 100, power: 2, cut: 0.1 },
    silhouette: 500,
    points: 0,
  },
  identity: 0.2,
  identityToMean: 0.05,
  expression: 0.05,
  jaw: 0.01,
  neck: 0.1,
  eyes: 0.01,
  eyelids: 0,
  center: 1,
  joints: ["neck", "jaw", "leftEye", "rightEye"],
  freeFocalLength: false,
  freeCenter: false,
  adam: { steps: 800, rates: { ...RATES, identity: 0.002, expression: 0.005 } },
};

/**
 * headform's own: vertices between pixels for the wide basin, rendered uv for the last tenths of a
 * pixel, both by their absolute values; priors as strong as the noise of predictions asks for.
 */
export const PIXEL3DMM_DEFAULTS: Pixel3dmmPreset = {
  ...PIXEL3DMM_PAPER,
  terms: {
    vertices: { weight: 1000, power: 1, cut: 10 / 256 },
    normals: { weight: 200, power: 1, cut: 0.33 },
    uv: { weight: 2000, power: 1, cut: 0.05 },
    silhouette: 100,
    points: 0,
  },
  subpixel: true,
  reliable: true,
  identity: 1,
  expression: 1,
  jaw: 10,
  neck: 10,
  eyes: 10,
  eyelids: 4,
  distance: 6,
  independent: 600,
  joints: ["jaw"],
  freeCenter: false,
};

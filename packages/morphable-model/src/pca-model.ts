import type { Image, Unit } from "@headform/mesh";

/**
 * A linear model of heads: `X(s, e) = mean + Σ sₖ·Sₖ + Σ eₖ·Eₖ` (Pix2Face, section 3.4).
 *
 * The bases hold the displacement of every vertex for a coefficient of 1. The model frame has +Y up,
 * +Z out of the face and +X to the subject's left.
 */
export interface PcaModel {
  readonly kind: "pca";
  readonly name: string;
  readonly version: string;
  readonly licence: string;
  readonly unit: Unit;
  /** [V×3] vertices of the mean head. */
  readonly mean: Float32Array;
  /** [F×3] triangles, counter-clockwise seen from outside. */
  readonly indices: Uint32Array;
  /** [T×2] texture coordinates, origin bottom-left. */
  readonly uvs?: Float32Array;
  /** [F×3] into `uvs`; absent: T = V and `indices` serve both. */
  readonly uvIndices?: Uint32Array;
  /** [Ks×V×3] displacement for a shape coefficient of 1. */
  readonly shapeBasis: Float32Array;
  /** [Ks] prior standard deviation of each shape coefficient, in coefficient units. */
  readonly shapeStandardDeviations: Float32Array;
  /** [Ke×V×3] displacement for an expression coefficient of 1. */
  readonly expressionBasis: Float32Array;
  /** [Ke] prior standard deviation of each expression coefficient, in coefficient units. */
  readonly expressionStandardDeviations: Float32Array;
  /** [Ke] names, the ARKit ones in the open head. */
  readonly expressionNames: readonly string[];
  /** Lowest and highest sensible expression coefficient, [0, 1] for blendshapes. */
  readonly expressionRange?: readonly [number, number];
  /** [L] triangle each landmark lies on. */
  readonly landmarkTriangles: Uint32Array;
  /** [L×3] barycentric coordinates within that triangle. */
  readonly landmarkBarycentrics: Float32Array;
  /** [L] place of each among the 68 of iBUG, from 0, where a model has some of them only. */
  readonly landmarkNumbers?: Uint32Array;
  /** [V] the vertex across the plane of symmetry. */
  readonly mirror?: Uint32Array;
  /** [V] index into `regionNames`. */
  readonly regions?: Uint8Array;
  readonly regionNames?: readonly string[];
  /** Mean skin in the uv layout, sRGB. */
  readonly albedo?: Image;
  /** How skins and eyes differ from the mean skin. */
  readonly albedoModes?: AlbedoModes;
  /** Where the jaw's outline lies as the head turns. */
  readonly contour?: TurningContour;
  /** What colors the vertices may have. */
  readonly color?: ColorModel;
}

/** A linear model of the texture, sRGB bytes: `A(s, e) = albedo + Σ sₖ·Sₖ + Σ eₖ·Eₖ`. */
export interface AlbedoModes {
  /** Modes of the skin over the whole layout; a coefficient of 1 is one standard deviation. */
  readonly skin: AlbedoPatch;
  /** [Ks×2] lowest and highest coefficient among the skins the modes were learned from. */
  readonly skinRange: Float32Array;
  /** From the mean's irises (0) to those of another color (1). */
  readonly eyes: AlbedoPatch;
  /** [Ke] */
  readonly eyeNames: readonly string[];
}

/** Differences of color over a rectangle of the texture, at a resolution of their own. */
export interface AlbedoPatch {
  /** [K×height×width×3] */
  readonly basis: Float32Array;
  readonly width: number;
  readonly height: number;
  /** Left, top, width and height of the rectangle in texels of `albedo`, rows from the top. */
  readonly rectangle: readonly [number, number, number, number];
}

/** For each yaw the points of the mean surface where the jaw's outline is seen. */
export interface TurningContour {
  /** [R] ascending, rad; positive as the subject turns to their left. */
  readonly yaws: Float32Array;
  /** [R×17] triangles, for the first 17 of iBUG's landmarks. */
  readonly triangles: Uint32Array;
  /** [R×17×3] barycentric coordinates within them. */
  readonly barycentrics: Float32Array;
}

/** A linear model of the vertices' colors, sRGB from 0 to 1: `C(c) = mean + Σ cₖ·Cₖ`. */
export interface ColorModel {
  /** [V×3] the mean head's. */
  readonly mean: Float32Array;
  /** [Kc×V×3] difference for a coefficient of 1. */
  readonly basis: Float32Array;
  /** [Kc] prior standard deviation of each coefficient, in coefficient units. */
  readonly standardDeviations: Float32Array;
}

/** Coefficients of a head; a short or absent list leaves the remaining coefficients at 0. */
export interface Coefficients {
  /** [≤Ks] shape coefficients. */
  readonly shape?: ArrayLike<number>;
  /** [≤Ke] expression coefficients. */
  readonly expression?: ArrayLike<number>;
}

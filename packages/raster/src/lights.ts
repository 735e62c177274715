/** A distant light, fixed to the camera so that a turned mesh stays well lit. */
export interface Light {
  /** [3] towards the light, camera frame (+X right, +Y up, +Z to the viewer); any length. */
  readonly direction: readonly [number, number, number];
  /** [3] linear RGB. */
  readonly color: readonly [number, number, number];
  /** 0 a hard terminator … 1 light that reaches around to the far side. */
  readonly wrap: number;
}

/** A portrait's three lights: a warm key from the upper left, a cool fill, a rim from behind. */
export const PORTRAIT_LIGHTS: readonly Light[] = [
  { direction: [-0.55, 0.65, 0.75], color: [1.75, 1.66, 1.54], wrap: 0.16 },
  { direction: [0.85, 0.05, 0.6], color: [0.3, 0.33, 0.38], wrap: 0.4 },
  { direction: [0.55, 0.5, -0.8], color: [1.3, 1.38, 1.5], wrap: 0 },
];

/** Linear RGB of the even light from above and from below. */
export const SKY: readonly [number, number, number] = [0.27, 0.29, 0.32];
export const GROUND: readonly [number, number, number] = [0.11, 0.1, 0.09];

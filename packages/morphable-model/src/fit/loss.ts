/** Derivative of a residual's loss, and the weight of the square that stands for it. */
export interface Slope {
  loss: number;
  slope: number;
  weight: number;
}

/**
 * |r| rounded off near 0, or r². The square that stands for |r| has the curvature of residuals of the
 * usual size: by its own size each, those that happen to be near 0 would hold all steps back.
 */
export function loss(out: Slope, r: number, power: 1 | 2, softening: number, usual: number): void {
  if (power === 2) {
    out.loss = r * r;
    out.slope = 2 * r;
    out.weight = 2;
    return;
  }
  const root = Math.sqrt(r * r + softening * softening);
  out.loss = root - softening;
  out.slope = r / root;
  out.weight = 1 / Math.sqrt(r * r + softening * softening + usual * usual);
}

/** The loss of a residual that is cut. */
export function lossAt(cut: number, power: 1 | 2): number {
  return power === 2 ? cut * cut : cut;
}

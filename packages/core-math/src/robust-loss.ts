/** How residuals count: ρ(s) of the squared, scaled norm s = |r|²/scale². */
export type RobustLoss = "squared" | "huber" | "cauchy" | "tukey";

/**
 * ρ(s), normalized so that ρ(s) ≈ s for small s.
 *
 * - squared: s
 * - huber: s up to 1, then 2√s − 1
 * - cauchy: ln(1 + s)
 * - tukey: (1 − (1 − s)³)/3 up to 1, then 1/3
 */
export function robustCost(loss: RobustLoss, s: number): number {
  switch (loss) {
    case "squared":
      return s;
    case "huber":
      return s <= 1 ? s : 2 * Math.sqrt(s) - 1;
    case "cauchy":
      return Math.log1p(s);
    case "tukey":
      return s <= 1 ? (1 - (1 - s) ** 3) / 3 : 1 / 3;
  }
}

/** ρ'(s): the weight that a squared residual gets in iteratively reweighted least squares. */
export function robustWeight(loss: RobustLoss, s: number): number {
  switch (loss) {
    case "squared":
      return 1;
    case "huber":
      return s <= 1 ? 1 : 1 / Math.sqrt(s);
    case "cauchy":
      return 1 / (1 + s);
    case "tukey":
      return s <= 1 ? (1 - s) ** 2 : 0;
  }
}

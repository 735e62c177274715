/** x ↦ scale · rotation · x + translation. */
export interface Similarity {
  readonly scale: number;
  /** [9] row-major. */
  readonly rotation: Float64Array;
  /** [3] */
  readonly translation: Float64Array;
}

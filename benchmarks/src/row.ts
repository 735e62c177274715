/** One line of a benchmark: what was measured, on what size, and against whom in the same run. */
export interface Row {
  readonly bench: string;
  readonly case: string;
  /** Size of the case: points, columns, vertices. */
  readonly n: number;
  /** Median of the repetitions, milliseconds. */
  readonly medianMs: number;
  /** The most memory held, MB, where that is what was measured; `ratio` is then of memory too. */
  readonly peakMb?: number;
  /** The alternative measured beside it. */
  readonly against?: string;
  /** Its median over ours: above 1, ours is faster. */
  readonly ratio?: number;
}

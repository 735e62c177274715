/** A triangle mesh as the measures need it; any `Mesh` is one. */
export interface Surface {
  /** [V×3] */
  readonly positions: ArrayLike<number>;
  /** [F×3] into positions. */
  readonly indices: Uint32Array;
}

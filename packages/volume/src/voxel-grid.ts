/**
 * Samples on a regular grid: `data[z][y][x]`, x fastest.
 *
 * Sample (x, y, z) lies at `origin + (x, y, z) · spacing`: the origin is the middle of the first
 * voxel, not its corner.
 */
export interface VoxelGrid<Data extends Float32Array | Uint8Array = Float32Array | Uint8Array> {
  /** [D×H×W], flat. */
  readonly data: Data;
  /** [3] how many samples along x, y, z: W, H, D. */
  readonly dims: readonly [number, number, number];
  /** [3] from one sample to the next, above 0, in the unit of the meshes that go with it. */
  readonly spacing: readonly [number, number, number];
  /** [3] where the first sample lies. */
  readonly origin: readonly [number, number, number];
}

/**
 * Throws unless a grid is what its type promises. The samples themselves are not read.
 *
 * @param grid the grid to check
 * @param caller the public function that asks, to name in the message
 * @throws {TypeError} when the data are neither Float32Array nor Uint8Array
 * @throws {RangeError} when a size is not a whole number ≥ 1, the data's length disagrees, a
 *   spacing is not above 0, or the origin is not finite
 */
export function checkGrid(grid: VoxelGrid, caller = "checkGrid"): void {
  const { data } = grid;
  // By tag, not instanceof: an array may come from another realm (a worker, a test's sandbox).
  const type = Object.prototype.toString.call(data).slice(8, -1);
  if (type !== "Float32Array" && type !== "Uint8Array") {
    throw new TypeError(`${caller}: expected data as Float32Array or Uint8Array, got ${type}`);
  }
  checkPlacement(grid, caller);
  const length = grid.dims[0] * grid.dims[1] * grid.dims[2];
  if (data.length !== length) {
    throw new RangeError(
      `${caller}: expected data of ${grid.dims.join("×")} samples, got ${data.length}`,
    );
  }
}

/** Throws unless sizes, spacing and origin make a grid. */
export function checkPlacement(
  { dims, spacing, origin }: Omit<VoxelGrid, "data">,
  caller: string,
): void {
  for (const [name, triple] of Object.entries({ dims, spacing, origin })) {
    if ((triple as readonly number[]).length !== 3) {
      throw new RangeError(
        `${caller}: expected ${name} of length 3, got ${triple.length as number}`,
      );
    }
  }
  if (!dims.every((size) => Number.isSafeInteger(size) && size >= 1)) {
    throw new RangeError(`${caller}: expected dims of whole numbers ≥ 1, got ${dims.join("×")}`);
  }
  if (!spacing.every((step) => step > 0 && step < Number.POSITIVE_INFINITY)) {
    throw new RangeError(`${caller}: expected finite spacing above 0, got ${spacing.join(", ")}`);
  }
  if (!origin.every(Number.isFinite)) {
    throw new RangeError(`${caller}: expected a finite origin, got ${origin.join(", ")}`);
  }
}

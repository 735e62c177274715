import { checkGrid, type VoxelGrid } from "./voxel-grid.ts";

/**
 * The volume with only its largest part above the isovalue: the samples of all other parts are
 * mirrored about the isovalue, v → 2·isovalue − v (at least 0 in a volume of bytes), so the surface
 * of the part that stays is the same.
 *
 * Samples are neighbors along the axes; of parts of one size the first stays.
 *
 * @param grid the volume
 * @param isovalue a sample above it is inside
 * @throws {TypeError} when the data are neither Float32Array nor Uint8Array
 * @throws {RangeError} when the grid's sizes disagree or the isovalue is not finite
 */
export function largestComponent<Data extends Float32Array | Uint8Array>(
  grid: VoxelGrid<Data>,
  isovalue = 0.5,
): VoxelGrid<Data> {
  checkGrid(grid, "largestComponent");
  if (!Number.isFinite(isovalue)) {
    throw new RangeError(`largestComponent: expected a finite isovalue, got ${isovalue}`);
  }
  const { data } = grid;
  const { labels, largest } = label(grid, isovalue);
  const kept = data.slice() as Data;
  for (let i = 0; i < kept.length; i++) {
    if (labels[i] === 0 || labels[i] === largest) continue;
    const mirrored = 2 * isovalue - data[i]!;
    kept[i] = data instanceof Float32Array ? mirrored : Math.max(0, Math.floor(mirrored));
  }
  return { ...grid, data: kept };
}

/** Numbers the parts from 1; 0 is outside. */
function label(
  { data, dims }: VoxelGrid,
  isovalue: number,
): { readonly labels: Int32Array; readonly largest: number } {
  const [width, height, depth] = dims;
  const slice = width * height;
  const labels = new Int32Array(data.length);
  // Every sample is put on the stack once.
  let stack = new Int32Array(1024);
  let top = 0;
  let count = 0;
  let largest = 0;
  let most = 0;
  const visit = (i: number): void => {
    if (labels[i] !== 0 || !(data[i]! > isovalue)) return;
    labels[i] = count;
    if (top === stack.length) {
      const larger = new Int32Array(2 * top);
      larger.set(stack);
      stack = larger;
    }
    stack[top++] = i;
  };
  for (let seed = 0; seed < data.length; seed++) {
    if (labels[seed] !== 0 || !(data[seed]! > isovalue)) continue;
    count++;
    visit(seed);
    let size = 0;
    while (top > 0) {
      const i = stack[--top]!;
      size++;
      const x = i % width;
      const z = Math.floor(i / slice);
      const y = (i - x - z * slice) / width;
      if (x > 0) visit(i - 1);
      if (x + 1 < width) visit(i + 1);
      if (y > 0) visit(i - width);
      if (y + 1 < height) visit(i + width);
      if (z > 0) visit(i - slice);
      if (z + 1 < depth) visit(i + slice);
    }
    if (size > most) {
      most = size;
      largest = count;
    }
  }
  return { labels, largest };
}

import type { Mesh } from "@headform/mesh";
import { isosurface } from "./isosurface.ts";
import { checkGrid, type VoxelGrid } from "./voxel-grid.ts";

/** Which published program of VRN's authors is followed. */
export type OfficialSurface = "raw2obj" | "docker" | "matlab";

/**
 * The surface that VRN's own programs take of a volume. All three cut the volume of bytes that the
 * network's probabilities are stored as, 255·p without its fraction:
 *
 * - `raw2obj` reads them as signed bytes, so that 128 and above turn negative, and cuts at 10: what is
 *   surely inside becomes a cavity with a surface of its own.
 * - `docker` makes everything above 0 a 1 and cuts at 0.9; vertices are written as whole numbers of
 *   voxels, and those that fall together are one.
 * - `matlab` cuts at the level that MATLAB chooses by a histogram.
 *
 * Unlike theirs, triangles are counter-clockwise from outside, and those without area are left out.
 *
 * @param grid probabilities (floats, 0 to 1) or the bytes themselves; its spacing is 1, 1, 0.5 for
 *   the published network
 * @param surface whose surface
 * @throws {TypeError} when the data are neither Float32Array nor Uint8Array
 * @throws {RangeError} when the grid's sizes disagree, a probability is not from 0 to 1, or there is no
 *   such surface
 */
export function officialSurface(grid: VoxelGrid, surface: OfficialSurface): Mesh {
  checkGrid(grid, "officialSurface");
  const bytes = toBytes(grid.data);
  if (surface === "raw2obj") {
    const data = Float32Array.from(bytes, (value) => (value > 127 ? value - 256 : value));
    return isosurface({ ...grid, data }, { isovalue: 10 });
  }
  if (surface === "docker") {
    const data = bytes.map((value) => (value > 0 ? 1 : 0));
    return snap(isosurface({ ...grid, data }, { isovalue: 0.9 }), grid);
  }
  if (surface === "matlab") {
    return isosurface({ ...grid, data: bytes }, { isovalue: histogramLevel(bytes) });
  }
  throw new RangeError(
    `officialSurface: expected "raw2obj", "docker" or "matlab", got "${surface as string}"`,
  );
}

function toBytes(data: VoxelGrid["data"]): Uint8Array {
  if (data.BYTES_PER_ELEMENT === 1) return data as Uint8Array;
  const bytes = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i++) {
    const value = data[i]!;
    if (!(value >= 0 && value <= 1)) {
      throw new RangeError(
        `officialSurface: expected probabilities from 0 to 1, got ${value} at index ${i}`,
      );
    }
    bytes[i] = 255 * value;
  }
  return bytes;
}

/** Every vertex at its nearest sample; vertices there become one, triangles without area none. */
function snap({ positions, indices, unit }: Mesh, { spacing, origin, dims }: VoxelGrid): Mesh {
  const places = new Map<number, number>();
  const snapped: number[] = [];
  const moved = Uint32Array.from({ length: positions.length / 3 }, (_, v) => {
    const [x, y, z] = [0, 1, 2].map((axis) =>
      Math.round((positions[3 * v + axis]! - origin[axis]!) / spacing[axis]!),
    ) as [number, number, number];
    const key = (z * dims[1] + y) * dims[0] + x;
    const known = places.get(key);
    if (known !== undefined) return known;
    const next = snapped.length / 3;
    places.set(key, next);
    [x, y, z].forEach((at, axis) => {
      snapped.push(origin[axis]! + spacing[axis]! * at);
    });
    return next;
  });
  const kept: number[] = [];
  for (let t = 0; t < indices.length; t += 3) {
    const [a, b, c] = [0, 1, 2].map((i) => moved[indices[t + i]!]!) as [number, number, number];
    if (a !== b && b !== c && c !== a) kept.push(a, b, c);
  }
  return { positions: Float32Array.from(snapped), indices: Uint32Array.from(kept), unit };
}

/** Bars of the histogram, and about how many samples it is made of. */
const BARS = 100;
const SAMPLES = 10_000;

/**
 * The middle of the levels that occur: of a histogram without the lowest two bars where they tower
 * over the others (the background), and without bars of less than a fiftieth of the highest.
 */
function histogramLevel(data: Uint8Array): number {
  const step = data.length > 2 * SAMPLES ? Math.floor(data.length / SAMPLES) : 1;
  let low = 255;
  let high = 0;
  for (let i = 0; i < data.length; i += step) {
    low = Math.min(low, data[i]!);
    high = Math.max(high, data[i]!);
  }
  if (low >= high) return high;
  const counts = new Float64Array(BARS);
  let total = 0;
  for (let i = 0; i < data.length; i += step, total++) {
    counts[Math.min(BARS - 1, Math.floor((BARS * (data[i]! - low)) / (high - low)))]!++;
  }
  let bars = Array.from(counts, (count, bar) => ({
    count,
    level: low + ((bar + 0.5) * (high - low)) / BARS,
  }));
  const most = (): number => bars.reduce((max, { count }) => Math.max(max, count), 0);
  const background = Math.max(counts[0]!, counts[1]!);
  if (background === most() && background > (10 * total) / BARS) bars = bars.slice(2);
  const rare = bars.filter(({ count }) => count < most() / 50).length;
  if (rare < 90) bars = bars.filter(({ count }) => count >= most() / 50);
  return bars[Math.max(0, Math.floor(bars.length / 2) - 1)]!.level;
}

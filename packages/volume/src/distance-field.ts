import { checkMesh, closestPoints, createTriangleIndex, type Mesh } from "@headform/mesh";
import type { VoxelGrid } from "./voxel-grid.ts";
import { voxelize } from "./voxelize.ts";

/** How {@link distanceField} measures. */
export interface DistanceFieldOptions {
  /** How far from the surface distances are exact, in the mesh's unit; two and a half voxels unless told. */
  readonly band?: number;
}

/**
 * The distance of each sample from a mesh, positive inside, so that `isosurface` at 0 gives the mesh
 * back: exact up to `band`, beyond it `band` or −`band`.
 *
 * Inside is what {@link voxelize} fills.
 *
 * @param mesh triangles counter-clockwise seen from outside
 * @param placement where the samples are: dims, spacing and origin of the grid, in the mesh's unit
 * @throws {TypeError} when an array of the mesh is of another type
 * @throws {RangeError} when {@link voxelize} refuses mesh or placement, there is no triangle, or the
 *   band is not above 0
 */
export function distanceField(
  mesh: Mesh,
  placement: Omit<VoxelGrid, "data">,
  options: DistanceFieldOptions = {},
): VoxelGrid<Float32Array> {
  checkMesh(mesh, "distanceField");
  if (mesh.indices.length === 0) {
    throw new RangeError("distanceField: expected at least 1 triangle, got 0");
  }
  const { dims, spacing, origin } = placement;
  const band = options.band ?? 2.5 * Math.max(...spacing);
  if (!(band > 0 && band < Infinity)) {
    throw new RangeError(`distanceField: expected a band above 0, got ${band}`);
  }
  // 1. Which side each sample is on.
  const inside = voxelize(mesh, placement).data;
  const data = Float32Array.from(inside, (value) => (value === 1 ? band : -band));
  // 2. How far, where a triangle may be near enough.
  const near = markNear(mesh, placement, band);
  const index = createTriangleIndex(mesh);
  const [width, height, depth] = dims;
  const slice = width * height;
  const places = new Int32Array(slice);
  const queries = new Float64Array(3 * slice);
  for (let z = 0; z < depth; z++) {
    let count = 0;
    for (let i = 0; i < slice; i++) {
      if (near[z * slice + i] === 0) continue;
      const x = i % width;
      places[count] = z * slice + i;
      queries[3 * count] = origin[0] + spacing[0] * x;
      queries[3 * count + 1] = origin[1] + (spacing[1] * (i - x)) / width;
      queries[3 * count + 2] = origin[2] + spacing[2] * z;
      count++;
    }
    const found = closestPoints(index, queries.subarray(0, 3 * count), { maxDistance: band });
    for (let k = 0; k < count; k++) {
      if (found.triangles[k]! < 0) continue;
      const distance = Math.sqrt(found.squaredDistances[k]!);
      data[places[k]!] = inside[places[k]!] === 1 ? distance : -distance;
    }
  }
  return { data, dims, spacing, origin };
}

/** [D×H×W] 1 for samples within the box of a triangle, made wider by the band. */
function markNear(
  { positions, indices }: Mesh,
  { dims, spacing, origin }: Omit<VoxelGrid, "data">,
  band: number,
): Uint8Array {
  const near = new Uint8Array(dims[0] * dims[1] * dims[2]);
  const first = [0, 0, 0];
  const last = [0, 0, 0];
  for (let t = 0; t < indices.length; t += 3) {
    for (let axis = 0; axis < 3; axis++) {
      const a = positions[3 * indices[t]! + axis]!;
      const b = positions[3 * indices[t + 1]! + axis]!;
      const c = positions[3 * indices[t + 2]! + axis]!;
      const low = (Math.min(a, b, c) - band - origin[axis]!) / spacing[axis]!;
      const high = (Math.max(a, b, c) + band - origin[axis]!) / spacing[axis]!;
      first[axis] = Math.max(0, Math.ceil(low));
      last[axis] = Math.min(dims[axis]! - 1, Math.floor(high));
    }
    if (last[0]! < first[0]!) continue;
    for (let z = first[2]!; z <= last[2]!; z++) {
      for (let y = first[1]!; y <= last[1]!; y++) {
        const row = (z * dims[1] + y) * dims[0];
        near.fill(1, row + first[0]!, row + last[0]! + 1);
      }
    }
  }
  return near;
}

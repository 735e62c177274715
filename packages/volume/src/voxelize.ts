import { checkMesh, type Mesh } from "@headform/mesh";
import { checkPlacement, type VoxelGrid } from "./voxel-grid.ts";

/** Corners are snapped to this part of a voxel, so that edge functions are exact whole numbers. */
const SNAP = 4096;
/** Farther from the grid than this many voxels, edge functions would no longer be exact. */
const REACH = 8192;

/**
 * Fills a mesh: 1 in every voxel whose middle is inside, 0 elsewhere.
 *
 * A ray along each axis through the middle counts crossings, +1 into the mesh and −1 out of it, and
 * the point is inside where the sum is not 0; so parts may overlap. A ray whose sum is not 0 at its
 * end has passed through a hole and abstains. The majority of the others decides, a tie is outside.
 *
 * @param mesh triangles counter-clockwise seen from outside
 * @param placement where the voxels are: dims, spacing and origin of the grid, in the mesh's unit
 * @throws {TypeError} when an array of the mesh is of another type
 * @throws {RangeError} when the mesh's arrays or the placement's numbers are wrong, or a vertex lies
 *   more than 8192 voxels away from the origin
 * @see Jackson et al., Large pose 3D face reconstruction from a single image via direct volumetric
 *   CNN regression, 2017, section 3.2
 */
export function voxelize(mesh: Mesh, placement: Omit<VoxelGrid, "data">): VoxelGrid<Uint8Array> {
  checkMesh(mesh, "voxelize");
  checkPlacement(placement, "voxelize");
  const { dims, spacing, origin } = placement;
  const grid = toGrid(mesh.positions, placement);
  const size = dims[0] * dims[1] * dims[2];
  // Two votes for inside, one for a ray that abstains, none for outside: inside above 3.
  const votes = new Uint8Array(size);
  const crossings = new Int8Array(size);
  for (const axis of [0, 1, 2] as const) {
    if (axis > 0) crossings.fill(0);
    const sums = cross(crossings, grid, mesh.indices, dims, axis);
    if (axis === 0) voteAlongRows(votes, crossings, sums, dims);
    else voteAcrossRows(votes, crossings, sums, dims, axis);
  }
  for (let i = 0; i < size; i++) votes[i] = votes[i]! > 3 ? 1 : 0;
  return { data: votes, dims, spacing, origin };
}

/** [V×3] positions in voxels, snapped. */
function toGrid(
  positions: Float32Array,
  { spacing, origin }: Omit<VoxelGrid, "data">,
): Float64Array {
  const grid = new Float64Array(positions.length);
  for (let i = 0; i < grid.length; i++) {
    const axis = i % 3;
    const value = (positions[i]! - origin[axis]!) / spacing[axis]!;
    if (!(Math.abs(value) <= REACH)) {
      throw new RangeError(
        `voxelize: expected vertices within ${REACH} voxels of the origin, got ${value} at index ${i}`,
      );
    }
    grid[i] = Math.round(value * SNAP);
  }
  return grid;
}

/**
 * Marks where rays along an axis cross the triangles: at the first voxel behind the crossing, −1 or
 * +1. Returns each ray's sum, [second × first of the other axes].
 */
function cross(
  crossings: Int8Array,
  grid: Float64Array,
  indices: Uint32Array,
  dims: VoxelGrid["dims"],
  axis: 0 | 1 | 2,
): Int16Array {
  const strides = [1, dims[0], dims[0] * dims[1]];
  // In cyclic order, so that the sign of the area is that of the normal along the axis.
  const u = (axis + 1) % 3;
  const v = (axis + 2) % 3;
  const [sizeU, sizeV, size] = [dims[u]!, dims[v]!, dims[axis]!];
  const [strideU, strideV, stride] = [strides[u]!, strides[v]!, strides[axis]!];
  const sums = new Int16Array(sizeU * sizeV);
  const sumU = u < v ? 1 : sizeV;
  const sumV = u < v ? sizeU : 1;
  for (let t = 0; t < indices.length; t += 3) {
    const a = 3 * indices[t]!;
    let b = 3 * indices[t + 1]!;
    let c = 3 * indices[t + 2]!;
    const au = grid[a + u]!;
    const av = grid[a + v]!;
    let area =
      (grid[b + u]! - au) * (grid[c + v]! - av) - (grid[b + v]! - av) * (grid[c + u]! - au);
    if (area === 0) continue;
    const sign = area > 0 ? -1 : 1;
    if (area < 0) {
      [b, c] = [c, b];
      area = -area;
    }
    const bu = grid[b + u]!;
    const bv = grid[b + v]!;
    const cu = grid[c + u]!;
    const cv = grid[c + v]!;
    const u0 = Math.max(0, Math.ceil(Math.min(au, bu, cu) / SNAP));
    const u1 = Math.min(sizeU - 1, Math.floor(Math.max(au, bu, cu) / SNAP));
    const v0 = Math.max(0, Math.ceil(Math.min(av, bv, cv) / SNAP));
    const v1 = Math.min(sizeV - 1, Math.floor(Math.max(av, bv, cv) / SNAP));
    // A ray through an edge belongs to one of its two triangles: an edge owns it or its twin does.
    const ownA = owns(cu - bu, cv - bv);
    const ownB = owns(au - cu, av - cv);
    const ownC = owns(bu - au, bv - av);
    const [pa, pb, pc] = [grid[a + axis]!, grid[b + axis]!, grid[c + axis]!];
    for (let iv = v0; iv <= v1; iv++) {
      const pv = iv * SNAP;
      for (let iu = u0; iu <= u1; iu++) {
        const pu = iu * SNAP;
        const wa = (cu - bu) * (pv - bv) - (cv - bv) * (pu - bu);
        const wb = (au - cu) * (pv - cv) - (av - cv) * (pu - cu);
        const wc = (bu - au) * (pv - av) - (bv - av) * (pu - au);
        if (wa < ownA || wb < ownB || wc < ownC) continue;
        const ray = iu * sumU + iv * sumV;
        sums[ray]! += sign;
        const depth = Math.ceil((wa * pa + wb * pb + wc * pc) / (area * SNAP));
        if (depth >= size) continue;
        crossings[iu * strideU + iv * strideV + Math.max(0, depth) * stride]! += sign;
      }
    }
  }
  return sums;
}

/** The least value of an edge's function that counts as inside: 0 where it owns its points. */
function owns(du: number, dv: number): 0 | 1 {
  return dv < 0 || (dv === 0 && du > 0) ? 0 : 1;
}

function voteAlongRows(
  votes: Uint8Array,
  crossings: Int8Array,
  sums: Int16Array,
  [width]: VoxelGrid["dims"],
): void {
  for (let row = 0; row < sums.length; row++) {
    const first = row * width;
    if (sums[row] !== 0) {
      votes.fill(1, first, first + width);
      continue;
    }
    let winding = 0;
    for (let i = first; i < first + width; i++) {
      winding += crossings[i]!;
      if (winding !== 0) votes[i] = 2;
    }
  }
}

/** Rays along y or z: a whole row of them at a time, since a row is what lies together. */
function voteAcrossRows(
  votes: Uint8Array,
  crossings: Int8Array,
  sums: Int16Array,
  [width, height, depth]: VoxelGrid["dims"],
  axis: 1 | 2,
): void {
  const [rays, steps] = axis === 1 ? [depth, height] : [height, depth];
  const [rayStride, stepStride] = axis === 1 ? [width * height, width] : [width, width * height];
  const windings = new Int8Array(width);
  for (let ray = 0; ray < rays; ray++) {
    windings.fill(0);
    for (let step = 0; step < steps; step++) {
      const first = ray * rayStride + step * stepStride;
      for (let x = 0; x < width; x++) {
        const winding = windings[x]! + crossings[first + x]!;
        windings[x] = winding;
        if (sums[ray * width + x] !== 0) votes[first + x]! += 1;
        else if (winding !== 0) votes[first + x]! += 2;
      }
    }
  }
}

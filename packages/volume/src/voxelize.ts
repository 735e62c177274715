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
  // Rows are padded to whole words, so that votes are cast four voxels at a time.
  const stride = 4 * Math.ceil(dims[0] / 4);
  const size = stride * dims[1] * dims[2];
  const box = boxOf(grid, mesh.indices, dims);
  // Two votes for inside, one for a ray that abstains, none for outside: inside above 3.
  const votes = new Uint8Array(size);
  const crossings = new Int8Array(size);
  for (const axis of [0, 1, 2] as const) {
    if (axis > 0) crossings.fill(0);
    const sums = cross(crossings, grid, mesh.indices, dims, axis);
    if (axis === 0) voteAlongRows(votes, crossings, sums, dims, box);
    else voteAcrossRows(votes, crossings, sums, dims, box, axis);
  }
  // 4, 5 and 6 reach bit 3 with 4 more.
  const words = new Uint32Array(votes.buffer);
  for (let i = 0; i < words.length; i++) words[i] = ((words[i]! + 0x04040404) >>> 3) & 0x01010101;
  return { data: withoutPadding(votes, stride, dims), dims, spacing, origin };
}

function withoutPadding(
  padded: Uint8Array,
  stride: number,
  [width, height, depth]: VoxelGrid["dims"],
): Uint8Array {
  if (stride === width) return padded;
  const data = new Uint8Array(width * height * depth);
  for (let row = 0; row < height * depth; row++) {
    data.set(padded.subarray(row * stride, row * stride + width), row * width);
  }
  return data;
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

/** [3] first voxel and [3] the one behind the last that can be inside, along x, y, z. */
interface Box {
  readonly first: readonly number[];
  readonly end: readonly number[];
}

function boxOf(grid: Float64Array, indices: Uint32Array, dims: VoxelGrid["dims"]): Box {
  const min = [Infinity, Infinity, Infinity];
  const max = [-Infinity, -Infinity, -Infinity];
  for (let i = 0; i < indices.length; i++) {
    for (let axis = 0; axis < 3; axis++) {
      const value = grid[3 * indices[i]! + axis]!;
      if (value < min[axis]!) min[axis] = value;
      if (value > max[axis]!) max[axis] = value;
    }
  }
  return {
    first: min.map((value) => Math.max(0, Math.ceil(value / SNAP))),
    end: max.map((value, axis) => Math.min(dims[axis]!, Math.floor(value / SNAP) + 1)),
  };
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
  const row = 4 * Math.ceil(dims[0] / 4);
  const strides = [1, row, row * dims[1]];
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
  [width, height]: VoxelGrid["dims"],
  { first, end }: Box,
): void {
  const words = Math.ceil(width / 4);
  const voteWords = new Uint32Array(votes.buffer);
  const crossingWords = new Uint32Array(crossings.buffer);
  for (let z = first[2]!; z < end[2]!; z++) {
    for (let y = first[1]!; y < end[1]!; y++) {
      const row = z * height + y;
      if (sums[row] !== 0) {
        voteWords.fill(0x01010101, row * words, (row + 1) * words);
        continue;
      }
      let winding = 0;
      for (let word = row * words; word < (row + 1) * words; word++) {
        if (crossingWords[word] === 0) {
          if (winding !== 0) voteWords[word] = 0x02020202;
          continue;
        }
        for (let i = 4 * word; i < 4 * word + 4; i++) {
          winding += crossings[i]!;
          if (winding !== 0) votes[i] = 2;
        }
      }
    }
  }
}

/**
 * Rays along y or z: a whole row of them at a time, since a row is what lies together. Where none of
 * four rays crosses anything, their votes are those of the step before.
 */
function voteAcrossRows(
  votes: Uint8Array,
  crossings: Int8Array,
  sums: Int16Array,
  [width, height]: VoxelGrid["dims"],
  { first, end }: Box,
  axis: 1 | 2,
): void {
  const words = Math.ceil(width / 4);
  const voteWords = new Uint32Array(votes.buffer);
  const crossingWords = new Uint32Array(crossings.buffer);
  const other = 3 - axis;
  const strides = [1, words, words * height];
  const windings = new Int8Array(4 * words);
  const cast = new Uint8Array(4 * words);
  const castWords = new Uint32Array(cast.buffer);
  const firstWord = first[0]! >> 2;
  const endWord = Math.ceil(end[0]! / 4);
  for (let ray = first[other]!; ray < end[other]!; ray++) {
    windings.fill(0);
    for (let x = 0; x < width; x++) cast[x] = sums[ray * width + x] === 0 ? 0 : 1;
    for (let step = first[axis]!; step < end[axis]!; step++) {
      const row = ray * strides[other]! + step * strides[axis]!;
      for (let word = firstWord; word < endWord; word++) {
        if (crossingWords[row + word] !== 0) {
          for (let x = 4 * word; x < 4 * word + 4; x++) {
            windings[x]! += crossings[4 * row + x]!;
            if (cast[x] !== 1) cast[x] = windings[x] === 0 ? 0 : 2;
          }
        }
        voteWords[row + word]! += castWords[word]!;
      }
    }
  }
}

import type { PerspectiveCamera } from "@headform/camera";
import { type Random, rotationFromEuler } from "@headform/core-math";
import { evaluate, type PcaModel, type SkinnedModel } from "@headform/morphable-model";
import type { SurfaceMaps } from "@headform/networks/pixel3dmm";
import { interpolate, rasterizeMesh, renderNormals } from "@headform/raster";

/** A head before a camera, and the maps a perfect network would give. */
export interface SyntheticSurface {
  readonly shape: Float64Array;
  readonly expression: Float64Array;
  readonly pose?: Float64Array;
  /** [V×3] posed. */
  readonly positions: Float32Array;
  readonly camera: PerspectiveCamera;
  readonly maps: SurfaceMaps;
}

export interface SyntheticOptions {
  readonly size?: number;
  /** Largest turn to either side, rad. */
  readonly yaw?: number;
}

/** A random head with a strong expression, turned up to 60°, seen from 0.5 to 2 m. */
export function syntheticSurface(
  model: PcaModel | SkinnedModel,
  random: Random,
  { size = 256, yaw = Math.PI / 3 }: SyntheticOptions = {},
): SyntheticSurface {
  const turn = (most: number): number => most * (2 * random.uniform() - 1);
  const shape = Float64Array.from(model.shapeStandardDeviations, (sigma) => {
    return sigma * Math.max(-2, Math.min(2, random.normal()));
  });
  const bounded = model.expressionRange !== undefined;
  const expression = Float64Array.from(model.expressionStandardDeviations, (sigma) => {
    return bounded ? 0 : sigma * Math.max(-2, Math.min(2, 1.2 * random.normal()));
  });
  for (let i = 0; bounded && i < 8; i++) {
    expression[random.integer(expression.length)] = random.uniform();
  }
  const pose = model.kind === "skinned" ? new Float64Array(3 * model.parents.length) : undefined;
  if (pose) pose.set([0.35 * random.uniform(), turn(0.06), turn(0.03)], 6);
  const positions = evaluate(model, { shape, expression, ...(pose && { pose }) });
  const meter = model.unit === "mm" ? 1000 : 1;
  const distance = 0.5 * 4 ** random.uniform();
  const rotation = rotationFromEuler([turn(0.35), turn(yaw), turn(0.3)], "XYZ");
  const camera: PerspectiveCamera = {
    kind: "perspective",
    focalLength: 3.3 * size * distance,
    principalPoint: Float64Array.of(size / 2, size / 2),
    rotation,
    translation: Float64Array.of(turn(0.01), turn(0.01), -distance).map((value) => meter * value),
  };
  return {
    shape,
    expression,
    ...(pose && { pose }),
    positions,
    camera,
    maps: renderMaps(model, positions, camera, size),
  };
}

/** What of a model is skin that a network is asked about: not its eyeballs, teeth, tongue. */
export function isSkin(model: PcaModel | SkinnedModel): (vertex: number) => boolean {
  if (model.kind === "skinned") {
    const eyeballs = new Set(model.masks?.get("eyeballs") ?? []);
    return (v) => !eyeballs.has(v);
  }
  const { regions, regionNames } = model;
  if (!regions || !regionNames) return () => true;
  return (v) => /^(?:faceSkin|lips|eyelids|ears|neck)$/.test(regionNames[regions[v]]);
}

/** uv, normals and mask of a head as it is seen. */
export function renderMaps(
  model: PcaModel | SkinnedModel,
  positions: Float32Array,
  camera: PerspectiveCamera,
  size: number,
): SurfaceMaps {
  const { indices } = model;
  const fragments = rasterizeMesh({ positions, indices }, camera, {
    ...{ width: size, height: size, cull: "back" },
  });
  const skin = isSkin(model);
  return {
    width: size,
    height: size,
    uv: interpolate(fragments, model.uvs!, model.uvIndices ?? indices, 2).data,
    normals: renderNormals(fragments, {
      positions,
      indices,
      normals: areaNormals(positions, indices),
    }).data,
    mask: Float32Array.from(fragments.triangles, (t) => {
      return t >= 0 && [0, 1, 2].every((i) => skin(indices[3 * t + i])) ? 1 : 0;
    }),
    segments: Uint8Array.from(fragments.triangles, (t) => (t >= 0 ? 1 : 0)),
  };
}

/** Vertex normals by area. */
export function areaNormals(positions: Float32Array, indices: Uint32Array): Float32Array {
  const out = new Float32Array(positions.length);
  for (let f = 0; f < indices.length; f += 3) {
    const corner = (i: number): Float32Array =>
      positions.subarray(3 * indices[f + i], 3 * indices[f + i] + 3);
    const [a, b, c] = [corner(0), corner(1), corner(2)];
    const u = [0, 1, 2].map((i) => b[i] - a[i]);
    const v = [0, 1, 2].map((i) => c[i] - a[i]);
    for (let axis = 0; axis < 3; axis++) {
      const [p, q] = [(axis + 1) % 3, (axis + 2) % 3];
      const value = u[p] * v[q] - u[q] * v[p];
      for (let i = 0; i < 3; i++) out[3 * indices[f + i] + axis] += value;
    }
  }
  for (let i = 0; i < out.length; i += 3) {
    const length = Math.hypot(out[i], out[i + 1], out[i + 2]) || 1;
    for (let axis = 0; axis < 3; axis++) out[i + axis] /= length;
  }
  return out;
}

/** Errors of predictions: smooth over some pixels, with a share of pixels that are plainly wrong. */
export interface MapNoise {
  /** Standard deviation of uv. */
  readonly uv: number;
  /** Of each coordinate of the normals, before they are made unit. */
  readonly normals: number;
  /** Pixels over which errors agree. */
  readonly reach: number;
  /** Share of pixels in blobs that are wrong. */
  readonly outliers: number;
}

/** About what the published networks reach: normals of cosine 0.93, uv to a pixel or two. */
export const REALISTIC: MapNoise = { uv: 0.005, normals: 0.25, reach: 4, outliers: 0.02 };

export function withNoise(maps: SurfaceMaps, noise: MapNoise, random: Random): SurfaceMaps {
  const { width, height } = maps;
  const field = (sigma: number): Float32Array =>
    smoothField(random, width, height, noise.reach).map((value) => sigma * value);
  const uv = maps.uv.slice();
  const normals = maps.normals.slice();
  for (let c = 0; c < 2; c++) {
    const f = field(noise.uv);
    f.forEach((value, p) => {
      uv[2 * p + c] += value;
    });
  }
  for (let c = 0; c < 3; c++) {
    const f = field(noise.normals);
    f.forEach((value, p) => {
      normals[3 * p + c] += value;
    });
  }
  const area = noise.outliers * width * height;
  for (let done = 0; done < area; ) {
    const radius = 2 + random.integer(4);
    const [cx, cy] = [random.integer(width), random.integer(height)];
    const wrong = [random.uniform(), random.uniform()];
    for (let y = Math.max(0, cy - radius); y < Math.min(height, cy + radius); y++) {
      for (let x = Math.max(0, cx - radius); x < Math.min(width, cx + radius); x++) {
        const p = y * width + x;
        uv.set(wrong, 2 * p);
        for (let axis = 0; axis < 3; axis++) normals[3 * p + axis] += wrong[axis % 2];
        done++;
      }
    }
  }
  for (let p = 0; p < normals.length; p += 3) {
    const length = Math.hypot(normals[p], normals[p + 1], normals[p + 2]) || 1;
    for (let axis = 0; axis < 3; axis++) normals[p + axis] /= length;
  }
  return { ...maps, uv, normals };
}

/** Noise of standard deviation 1 that agrees over `reach` pixels: white noise on a grid, bilinear. */
function smoothField(random: Random, width: number, height: number, reach: number): Float32Array {
  const columns = Math.ceil(width / reach) + 2;
  const rows = Math.ceil(height / reach) + 2;
  const grid = Float64Array.from({ length: columns * rows }, random.normal);
  const out = new Float32Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [i, j] = [Math.floor(x / reach), Math.floor(y / reach)];
      const [a, b] = [x / reach - i, y / reach - j];
      const at = j * columns + i;
      const w = [(1 - a) * (1 - b), a * (1 - b), (1 - a) * b, a * b];
      const value =
        w[0] * grid[at] +
        w[1] * grid[at + 1] +
        w[2] * grid[at + columns] +
        w[3] * grid[at + columns + 1];
      out[y * width + x] = value / Math.hypot(...w);
    }
  }
  return out;
}

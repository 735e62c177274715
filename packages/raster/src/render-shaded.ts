import type { Camera } from "@headform/camera";
import { computeNormals, type Image, type Mesh } from "@headform/mesh";
import { estimateOcclusion } from "./estimate-occlusion.ts";
import { GROUND, type Light, PORTRAIT_LIGHTS, SKY } from "./lights.ts";
import { projectMesh, type ScreenMesh } from "./project-mesh.ts";
import { type Fragments, rasterize } from "./rasterize.ts";
import { LINEAR_FROM_SRGB, srgbFromLinear } from "./srgb.ts";

export interface RenderShadedOptions {
  /** Size of the picture, pixels. */
  readonly width: number;
  readonly height: number;
  /** [3] sRGB bytes of the surface; absent: the mesh's texture, else its colors, else clay. */
  readonly color?: readonly [number, number, number];
  /** Absent: `PORTRAIT_LIGHTS`. */
  readonly lights?: readonly Light[];
  /** Behind the mesh: a soft gray gradient, nothing (alpha 0), or [3] sRGB bytes. */
  readonly background?: "studio" | "transparent" | readonly [number, number, number];
  /** [V] ambient occlusion; absent: computed. Hand it in to draw one mesh several times. */
  readonly occlusion?: Float32Array;
}

/** Gray clay, sRGB. */
const CLAY = [196, 190, 184] as const;
/** Samples per pixel and axis. */
const SAMPLES = 3;
const PER_PIXEL = SAMPLES * SAMPLES;
const OFFSET_X = Int32Array.from({ length: PER_PIXEL }, (_, s) => s % SAMPLES);
const OFFSET_Y = Int32Array.from({ length: PER_PIXEL }, (_, s) => Math.floor(s / SAMPLES));
/** Depth range within a pixel, in pixels, up to which it counts as one piece of surface. */
const SMOOTH = 3;
const EXPOSURE = 0.62;
const GLOSS = 0.045;
/** Rows drawn at once: bounds the memory to a strip of samples. */
const STRIP = 64;

/**
 * Draws a mesh as a studio preview: key, fill and rim light, an even sky with ambient occlusion,
 * a soft highlight; shaded in linear light and antialiased by 3×3 samples per pixel.
 *
 * @param mesh what to draw; both sides are visible.
 * @param camera for example `previewCamera(mesh, …)`, or the photo's own camera.
 * @param options size, and how it looks.
 * @returns RGBA with straight alpha.
 * @throws RangeError when the size is not made of positive whole numbers or a length does not fit.
 */
export function renderShaded(mesh: Mesh, camera: Camera, options: RenderShadedOptions): Image {
  const { width, height, lights = PORTRAIT_LIGHTS, background = "studio" } = options;
  const count = mesh.positions.length / 3;
  const { occlusion = estimateOcclusion(mesh) } = options;
  if (occlusion.length !== count) {
    throw new RangeError(
      `renderShaded: expected occlusion [${count}], got ${occlusion.length} numbers`,
    );
  }
  if (!Number.isInteger(width) || !Number.isInteger(height) || width < 1 || height < 1) {
    throw new RangeError(`renderShaded: expected a size of whole pixels, got ${width}×${height}`);
  }
  const screen = projectMesh(mesh, camera);
  const surface: Surface = {
    mesh,
    normals: cameraNormals(mesh, camera),
    occlusion,
    albedo: albedoOf(mesh, options.color),
    lights: lights.map(aim),
    light: new Float64Array(4),
    color: Float64Array.from(options.color ?? CLAY, (byte) => LINEAR_FROM_SRGB[byte]),
  };

  const data = new Uint8Array(width * height * 4);
  let fragments: Fragments | undefined;
  for (let top = 0; top < height; top += STRIP) {
    const rows = Math.min(STRIP, height - top);
    const fit = fragments?.height === rows * SAMPLES ? fragments : undefined;
    fragments = rasterize(
      {
        ...enlarge(screen, top),
        indices: mesh.indices,
        width: width * SAMPLES,
        height: rows * SAMPLES,
      },
      fit,
    );
    resolveStrip(data, fragments, surface, background, top, width, height);
  }
  return { width, height, channels: 4, data };
}

interface Surface {
  readonly mesh: Mesh;
  /** [V×3] camera frame. */
  readonly normals: Float32Array;
  readonly occlusion: Float32Array;
  readonly albedo: "texture" | "colors" | "plain";
  readonly lights: readonly AimedLight[];
  /** [4] light at the sample at hand: diffuse RGB and highlight. */
  readonly light: Float64Array;
  /** [3] linear color of the surface at the sample at hand. */
  readonly color: Float64Array;
}

/** A light of unit direction, with the half vector between it and the eye at +Z. */
interface AimedLight extends Light {
  readonly half: readonly [number, number, number];
}

/** Screen positions in samples, with row `top` moved to the edge. */
function enlarge(screen: ScreenMesh, top: number): ScreenMesh {
  const positions = new Float64Array(screen.positions.length);
  for (let i = 0; i < positions.length; i += 3) {
    positions[i] = screen.positions[i] * SAMPLES;
    positions[i + 1] = (screen.positions[i + 1] - top) * SAMPLES;
    positions[i + 2] = screen.positions[i + 2];
  }
  return screen.w ? { positions, w: screen.w } : { positions };
}

/** Averages the samples of each pixel of a strip into bytes. */
function resolveStrip(
  data: Uint8Array,
  fragments: Fragments,
  surface: Surface,
  background: NonNullable<RenderShadedOptions["background"]>,
  top: number,
  width: number,
  height: number,
): void {
  const rows = fragments.height / SAMPLES;
  const sum = new Float64Array(3);
  for (let row = 0; row < rows; row++) {
    for (let x = 0; x < width; x++) {
      const alpha = shadePixel(sum, surface, fragments, x, row);
      const o = 4 * ((top + row) * width + x);
      if (background === "transparent") {
        if (alpha === 0) continue;
        for (let c = 0; c < 3; c++) data[o + c] = Math.round(srgbFromLinear(sum[c] / alpha));
        data[o + 3] = Math.round(255 * alpha);
        continue;
      }
      const u = (x + 0.5) / width;
      const v = (top + row + 0.5) / height;
      for (let c = 0; c < 3; c++) {
        const behind = background === "studio" ? studio(u, v) : LINEAR_FROM_SRGB[background[c]];
        const value = srgbFromLinear(sum[c] + (1 - alpha) * behind);
        const bands = background === "studio" && alpha === 0;
        data[o + c] = Math.round(bands ? value + dither(x, top + row) : value);
      }
      data[o + 3] = 255;
    }
  }
}

/** Mean linear color [3] of a pixel's samples, times the covered share, which is returned. */
function shadePixel(
  out: Float64Array,
  surface: Surface,
  fragments: Fragments,
  x: number,
  row: number,
): number {
  const { width, triangles, depth } = fragments;
  const first = row * SAMPLES * width + x * SAMPLES;
  out.fill(0);
  let covered = 0;
  let near = Number.NEGATIVE_INFINITY;
  let far = Number.POSITIVE_INFINITY;
  for (let s = 0; s < PER_PIXEL; s++) {
    const i = first + OFFSET_Y[s] * width + OFFSET_X[s];
    if (triangles[i] < 0) continue;
    covered++;
    near = Math.max(near, depth[i]);
    far = Math.min(far, depth[i]);
  }
  if (covered === 0) return 0;

  // Where a pixel lies on one piece of surface, light changes little within it: once is enough.
  const once = covered === PER_PIXEL && near - far < SMOOTH;
  if (once) illuminate(surface, fragments, first + width + 1);
  for (let s = 0; s < PER_PIXEL; s++) {
    const i = first + OFFSET_Y[s] * width + OFFSET_X[s];
    if (triangles[i] < 0) continue;
    if (!once) illuminate(surface, fragments, i);
    addAlbedo(out, surface, fragments, i);
  }
  for (let c = 0; c < 3; c++) out[c] /= PER_PIXEL;
  return covered / PER_PIXEL;
}

/** A gray wall lit in the middle, linear light. */
function studio(x: number, y: number): number {
  const distance = Math.hypot((x - 0.5) * 1.1, (y - 0.42) * 1.2);
  return 0.3 - 0.24 * Math.min(1, distance) ** 1.3;
}

/** ±½ byte in an ordered 4×4 pattern: a gradient of few grays would show bands. */
function dither(x: number, y: number): number {
  const a = (x ^ y) & 3;
  const b = y & 3;
  const order = ((a & 1) << 3) | ((b & 1) << 2) | (a & 2) | ((b & 2) >> 1);
  return (order + 0.5) / 16 - 0.5;
}

/** Light that arrives at one sample, into `surface.light`: RGB of the diffuse part, highlight. */
function illuminate(surface: Surface, fragments: Fragments, i: number): void {
  const { mesh, normals, occlusion, lights, light } = surface;
  const t = 3 * fragments.triangles[i];
  const ia = mesh.indices[t];
  const ib = mesh.indices[t + 1];
  const ic = mesh.indices[t + 2];
  const a = fragments.barycentrics[3 * i];
  const b = fragments.barycentrics[3 * i + 1];
  const c = fragments.barycentrics[3 * i + 2];

  // 1. The normal; where the inside is seen it is turned around.
  let nx = a * normals[3 * ia] + b * normals[3 * ib] + c * normals[3 * ic];
  let ny = a * normals[3 * ia + 1] + b * normals[3 * ib + 1] + c * normals[3 * ic + 1];
  let nz = a * normals[3 * ia + 2] + b * normals[3 * ib + 2] + c * normals[3 * ic + 2];
  const length = Math.sqrt(nx * nx + ny * ny + nz * nz);
  const inverse = (nz < -0.15 * length ? -1 : 1) / (length || 1);
  nx *= inverse;
  ny *= inverse;
  nz *= inverse;

  // 2. Even light from above and below, darkened in hollows.
  const open = a * occlusion[ia] + b * occlusion[ib] + c * occlusion[ic];
  const up = 0.5 + 0.5 * ny;
  let red = open * (GROUND[0] + up * (SKY[0] - GROUND[0]));
  let green = open * (GROUND[1] + up * (SKY[1] - GROUND[1]));
  let blue = open * (GROUND[2] + up * (SKY[2] - GROUND[2]));

  // 3. Lights: wrapped Lambert, and a broad Blinn highlight with the eye at +Z. Hollows see less
  //    of them too, though not as much less as of the sky.
  const shadow = 0.35 + 0.65 * open;
  let shine = 0;
  for (const { direction, half, color, wrap } of lights) {
    const cosine = nx * direction[0] + ny * direction[1] + nz * direction[2];
    const diffuse = (cosine + wrap) / (1 + wrap);
    if (diffuse <= 0) continue;
    const amount = (shadow * diffuse) / (1 + wrap);
    red += amount * color[0];
    green += amount * color[1];
    blue += amount * color[2];
    const gloss = nx * half[0] + ny * half[1] + nz * half[2];
    if (gloss > 0) {
      const cube = gloss * gloss * gloss;
      const sixth = cube * cube;
      shine += amount * color[1] * sixth * sixth * sixth * sixth;
    }
  }
  light[0] = EXPOSURE * red;
  light[1] = EXPOSURE * green;
  light[2] = EXPOSURE * blue;
  light[3] = GLOSS * open * shine;
}

/** Adds a sample: its own color times the light, limited so that no highlight leaks over an edge. */
function addAlbedo(out: Float64Array, surface: Surface, fragments: Fragments, i: number): void {
  const { mesh, albedo, light, color } = surface;
  const t = 3 * fragments.triangles[i];
  const a = fragments.barycentrics[3 * i];
  const b = fragments.barycentrics[3 * i + 1];
  const c = fragments.barycentrics[3 * i + 2];
  if (albedo === "texture") {
    const { uvs, texture, uvIndices: corners = mesh.indices } = mesh;
    const ia = 2 * corners[t];
    const ib = 2 * corners[t + 1];
    const ic = 2 * corners[t + 2];
    const u = a * uvs![ia] + b * uvs![ib] + c * uvs![ic];
    const v = a * uvs![ia + 1] + b * uvs![ib + 1] + c * uvs![ic + 1];
    sampleTexture(color, texture!, u, v);
  } else if (albedo === "colors") {
    const colors = mesh.colors!;
    const ia = 3 * mesh.indices[t];
    const ib = 3 * mesh.indices[t + 1];
    const ic = 3 * mesh.indices[t + 2];
    for (let k = 0; k < 3; k++) {
      color[k] =
        a * LINEAR_FROM_SRGB[colors[ia + k]] +
        b * LINEAR_FROM_SRGB[colors[ib + k]] +
        c * LINEAR_FROM_SRGB[colors[ic + k]];
    }
  }
  for (let k = 0; k < 3; k++) out[k] += Math.min(1, color[k] * light[k] + light[3]);
}

/** Bilinear in linear light; uv origin at the bottom left, edges repeat. */
function sampleTexture(out: Float64Array, texture: Image, u: number, v: number): void {
  const { width, height, channels, data } = texture;
  const x = Math.max(0, Math.min(width - 1, u * width - 0.5));
  const y = Math.max(0, Math.min(height - 1, (1 - v) * height - 0.5));
  const x0 = Math.floor(x);
  const y0 = Math.floor(y);
  const right = x0 + 1 < width ? channels : 0;
  const down = y0 + 1 < height ? width * channels : 0;
  const fx = x - x0;
  const fy = y - y0;
  const at = (y0 * width + x0) * channels;
  for (let c = 0; c < 3; c++) {
    const k = at + (channels === 1 ? 0 : c);
    const upper = LINEAR_FROM_SRGB[data[k]] * (1 - fx) + LINEAR_FROM_SRGB[data[k + right]] * fx;
    const lower =
      LINEAR_FROM_SRGB[data[k + down]] * (1 - fx) + LINEAR_FROM_SRGB[data[k + down + right]] * fx;
    out[c] = upper * (1 - fy) + lower * fy;
  }
}

function albedoOf(mesh: Mesh, color: RenderShadedOptions["color"]): Surface["albedo"] {
  if (color) return "plain";
  if (mesh.texture && mesh.uvs) return "texture";
  return mesh.colors ? "colors" : "plain";
}

function aim({ direction, color, wrap }: Light): AimedLight {
  const length = Math.hypot(...direction) || 1;
  const [x, y, z] = direction.map((value) => value / length);
  const toHalf = 1 / (Math.hypot(x, y, z + 1) || 1);
  return { direction: [x, y, z], half: [x * toHalf, y * toHalf, (z + 1) * toHalf], color, wrap };
}

/** Vertex normals in the camera's frame. */
function cameraNormals(mesh: Mesh, camera: Camera): Float32Array {
  const normals = mesh.normals ?? computeNormals(mesh);
  const r = camera.kind === "affine" ? affineRotation(camera.matrix) : camera.rotation;
  const out = new Float32Array(normals.length);
  for (let i = 0; i < normals.length; i += 3) {
    for (let k = 0; k < 3; k++) {
      out[i + k] =
        r[3 * k] * normals[i] + r[3 * k + 1] * normals[i + 1] + r[3 * k + 2] * normals[i + 2];
    }
  }
  return out;
}

/** Right, up and towards the eye of an affine camera; only as orthogonal as the camera is. */
function affineRotation(m: Float64Array): Float64Array {
  const sx = 1 / Math.hypot(m[0], m[1], m[2]);
  const sy = -1 / Math.hypot(m[4], m[5], m[6]);
  const r = [m[0] * sx, m[1] * sx, m[2] * sx, m[4] * sy, m[5] * sy, m[6] * sy] as const;
  const zx = r[1] * r[5] - r[2] * r[4];
  const zy = r[2] * r[3] - r[0] * r[5];
  const zz = r[0] * r[4] - r[1] * r[3];
  return new Float64Array([...r, zx, zy, zz]);
}

import { type PerspectiveCamera, projectPoints } from "@headform/camera";
import { computeNormals, type Image } from "@headform/mesh";
import type { CorrespondenceMaps, PcaModel } from "@headform/morphable-model";
import { type Crop, photoToCrop, resampleCrop, visibleVertices } from "@headform/raster";
import { dropMisplacedEyes } from "./drop-misplaced-eyes.ts";
import type { TexelMap } from "./texel-map.ts";
import { compositeTexture, logRatio, vertexColors, vertexSkin } from "./texture-layers.ts";
import { diffuse, type VertexNeighbors } from "./vertex-neighbors.ts";

/** One head in one photo, as far as texturing needs to know it. */
export interface TextureSource {
  readonly image: Image;
  /** [V×3] the posed head. */
  readonly positions: Float32Array;
  readonly camera: PerspectiveCamera;
  /** Where hair, hands or glasses hide the face; absent: nothing does. */
  readonly maps?: Pick<CorrespondenceMaps, "width" | "height" | "visible">;
  /** The part of the photo that `maps` cover. */
  readonly crop?: Crop;
}

/** Least and full cosine between normal and view that is trusted. */
const GRAZING: readonly [number, number] = [0.2, 0.55];

/** How far inside its outline the map of what is visible is believed, map pixels. */
const MASK_MARGIN = 1.5;

/** Sweeps of each diffusion: the crown is some forty edges from the face, over-relaxed. */
const SWEEPS = 20;

/** Parts whose color is not skin's. */
const UNTINTED_REGIONS: readonly string[] = [
  "mouthInterior",
  "teeth",
  "tongue",
  "leftEyeball",
  "rightEyeball",
  "leftIris",
  "rightIris",
];

/** Parts that the photo shows, if at all, too inexactly to be taken from it. */
const HIDDEN_REGIONS: readonly string[] = ["mouthInterior", "teeth", "tongue"];

/**
 * Paints the head with the photo.
 *
 * Each texel mixes three layers by trust: the photo where the surface is seen well, the photo at the
 * mirrored point where only that is, and the model's mean skin elsewhere. The second and third are
 * first matched to the photo by a smooth gain over the surface, so that light and complexion
 * continue across the seams.
 *
 * @param model the morphable model, with uvs
 * @param texels its uv layout, from `createTexelMap`
 * @param neighbors its edges
 * @param source photo, head and camera
 * @returns sRGB texture, row 0 at v = 1
 */
export function sampleTexture(
  model: PcaModel,
  texels: TexelMap,
  neighbors: VertexNeighbors,
  source: TextureSource,
): Image {
  const vertexCount = model.mean.length / 3;
  const screen = projectPoints(source.camera, source.positions);
  // 1. How far each vertex is to be trusted in the photo, directly and across the symmetry.
  const trust = vertexTrust(model, neighbors, source, screen);
  const mirror = model.mirror ?? Uint32Array.from({ length: vertexCount }, (_, v) => v);
  // 2. The face cut out of the photo at the texture's density.
  const { cut, toCut } = cutFace(source.image, screen, trust, texels.size);
  const spots = new Float32Array(2 * vertexCount);
  for (let v = 0; v < vertexCount; v++) toCut(spots, v, screen[3 * v], screen[3 * v + 1]);
  // 3. Colors at the vertices, and the smooth gains that match skin and mirrored photo to the photo.
  const seen = vertexColors(cut, spots, trust, neighbors);
  dropMisplacedEyes(model, trust, seen);
  const mirrorTrust = Float32Array.from(mirror, (m) => (model.mirror ? trust[m] : 0));
  const skinGain = matchSkin(model, seen, trust, neighbors);
  const mirrorSeen = new Float32Array(3 * vertexCount);
  const both = new Float32Array(vertexCount);
  for (let v = 0; v < vertexCount; v++) {
    for (let c = 0; c < 3; c++) mirrorSeen[3 * v + c] = seen[3 * mirror[v] + c];
    // Hair parted to one side says nothing about the light on the face.
    both[v] = regionOf(model, v) === "scalp" ? 0 : Math.min(trust[v], mirrorTrust[v]);
  }
  const mirrorGain = logRatio(seen, mirrorSeen, both);
  diffuse(mirrorGain, 3, both, neighbors, SWEEPS);
  for (let i = 0; i < mirrorGain.length; i++) mirrorGain[i] = Math.exp(mirrorGain[i]);
  // 4. Texels.
  return compositeTexture(texels, {
    cut,
    spots,
    mirror,
    trust,
    mirrorTrust,
    skinGain,
    mirrorGain,
  });
}

/**
 * [V×3] gain from mean skin to photo. What the scalp shows, mostly hair, is continued over the scalp
 * alone, never onto the face; eyeballs and the mouth take the face's brightness without its tint.
 */
function matchSkin(
  model: PcaModel,
  seen: Float32Array,
  trust: Float32Array,
  neighbors: VertexNeighbors,
): Float32Array {
  const skin = vertexSkin(model);
  const regions = Array.from(trust, (_, v) => regionOf(model, v));
  const apart = regions.map((region) => UNTINTED_REGIONS.includes(region));
  const onScalp = regions.map((region) => region === "scalp");
  // 1. The face, with the scalp standing still; 2. the scalp, continuing the face.
  //    Doubtful edges, of glasses or of the outline, hardly count.
  const faceTrust = trust.map((value, v) => (apart[v] ? 0 : value ** 3));
  const gain = logRatio(seen, skin, faceTrust, onScalp);
  const still = faceTrust.map((value, v) => (onScalp[v] ? 1 : value));
  diffuse(gain, 3, still, neighbors, SWEEPS);
  const hair = logRatio(seen, skin, trust);
  for (let v = 0; v < trust.length; v++) {
    if (onScalp[v] && trust[v] > 0) gain.set(hair.subarray(3 * v, 3 * v + 3), 3 * v);
  }
  const settled = trust.map((value, v) => (onScalp[v] ? value : 1));
  diffuse(gain, 3, settled, neighbors, SWEEPS);
  for (let i = 0; i < gain.length; i++) gain[i] = Math.exp(gain[i]);
  // 3. No tint where the color is not skin's.
  for (let v = 0; v < trust.length; v++) {
    const rgb = gain.subarray(3 * v, 3 * v + 3);
    if (apart[v]) rgb.fill((rgb[0] + rgb[1] + rgb[2]) / 3);
  }
  return gain;
}

function regionOf(model: PcaModel, vertex: number): string {
  return model.regionNames?.[model.regions?.[vertex] ?? -1] ?? "";
}

/** [V] 0…1: seen, facing the camera, not at an occluder, and neither are the vertices around. */
function vertexTrust(
  model: PcaModel,
  neighbors: VertexNeighbors,
  source: TextureSource,
  screen: Float64Array,
): Float32Array {
  const { positions, camera, maps, crop, image } = source;
  const vertexCount = positions.length / 3;
  const normals = computeNormals({ positions, indices: model.indices });
  const seen = visibleVertices({ positions, indices: model.indices, normals }, camera);
  const eye = eyeOf(camera);
  const raw = new Float32Array(vertexCount);
  for (let v = 0; v < vertexCount; v++) {
    const region = regionOf(model, v);
    if (!seen[v] || HIDDEN_REGIONS.includes(region)) continue;
    const dx = eye[0] - positions[3 * v];
    const dy = eye[1] - positions[3 * v + 1];
    const dz = eye[2] - positions[3 * v + 2];
    const cosine =
      (dx * normals[3 * v] + dy * normals[3 * v + 1] + dz * normals[3 * v + 2]) /
      Math.hypot(dx, dy, dz);
    let value = smoothstep(GRAZING[0], GRAZING[1], cosine);
    const u = screen[3 * v];
    const w = screen[3 * v + 1];
    if (u < 1 || w < 1 || u > image.width - 1 || w > image.height - 1) value = 0;
    // Hair belongs on the scalp: there the photo is taken whatever the maps say.
    if (value > 0 && maps && crop && region !== "scalp") {
      const [x, y] = photoToCrop(crop, maps, u, w);
      value *= smoothstep(0.3, 0.7, leastAround(maps, x, y));
    }
    raw[v] = value;
  }
  // The least of the ring, then the mean of the ring: a soft edge inside the seen part.
  const eroded = raw.slice();
  for (let v = 0; v < vertexCount; v++) {
    for (let n = neighbors.starts[v]; n < neighbors.starts[v + 1]; n++) {
      eroded[v] = Math.min(eroded[v], raw[neighbors.list[n]]);
    }
  }
  const soft = eroded.slice();
  for (let v = 0; v < vertexCount; v++) {
    const start = neighbors.starts[v];
    const end = neighbors.starts[v + 1];
    let sum = eroded[v];
    for (let n = start; n < end; n++) sum += eroded[neighbors.list[n]];
    soft[v] = Math.min(raw[v], sum / (end - start + 1));
  }
  return soft;
}

/** The part of the photo the face lies on, resampled when it is denser than the texture. */
function cutFace(
  image: Image,
  screen: Float64Array,
  trust: Float32Array,
  size: number,
): { cut: Image; toCut: (out: Float32Array, v: number, u: number, w: number) => void } {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let v = 0; v < trust.length; v++) {
    if (trust[v] === 0) continue;
    left = Math.min(left, screen[3 * v]);
    right = Math.max(right, screen[3 * v]);
    top = Math.min(top, screen[3 * v + 1]);
    bottom = Math.max(bottom, screen[3 * v + 1]);
  }
  const side = 1.1 * Math.max(right - left, bottom - top);
  // The face takes about half of the layout's width.
  const wanted = Math.round(size / 2);
  if (!(side > 1.5 * wanted)) {
    return {
      cut: image,
      toCut: (out, v, u, w) => {
        out[2 * v] = u;
        out[2 * v + 1] = w;
      },
    };
  }
  const crop = { centerX: (left + right) / 2, centerY: (top + bottom) / 2, side, rotation: 0 };
  const scale = wanted / side;
  return {
    cut: resampleCrop(image, crop, wanted),
    toCut: (out, v, u, w) => {
      out[2 * v] = (u - crop.centerX) * scale + wanted / 2;
      out[2 * v + 1] = (w - crop.centerY) * scale + wanted / 2;
    },
  };
}

/** The camera's place in the model frame, −Rᵀt. */
function eyeOf(camera: PerspectiveCamera): [number, number, number] {
  const R = camera.rotation;
  const t = camera.translation;
  return [0, 1, 2].map((c) => -(R[c] * t[0] + R[3 + c] * t[1] + R[6 + c] * t[2])) as [
    number,
    number,
    number,
  ];
}

function smoothstep(low: number, high: number, x: number): number {
  const t = Math.max(0, Math.min(1, (x - low) / (high - low)));
  return t * t * (3 - 2 * t);
}

/** Least visibility within {@link MASK_MARGIN}: the edge of hair is known no better than that. */
function leastAround(maps: NonNullable<TextureSource["maps"]>, x: number, y: number): number {
  let least = 1;
  for (let dy = -MASK_MARGIN; dy <= MASK_MARGIN; dy += MASK_MARGIN) {
    for (let dx = -MASK_MARGIN; dx <= MASK_MARGIN; dx += MASK_MARGIN) {
      least = Math.min(least, bilinear(maps.visible, maps.width, maps.height, x + dx, y + dy));
    }
  }
  return least;
}

/** Bilinear value of a one-channel map, 0 outside. */
function bilinear(map: Float32Array, width: number, height: number, x: number, y: number): number {
  if (x < 0 || y < 0 || x > width || y > height) return 0;
  const px = Math.max(0, Math.min(width - 1, x - 0.5));
  const py = Math.max(0, Math.min(height - 1, y - 0.5));
  const x0 = Math.min(width - 2, Math.floor(px));
  const y0 = Math.min(height - 2, Math.floor(py));
  const fx = px - x0;
  const fy = py - y0;
  const at = y0 * width + x0;
  return (
    (1 - fy) * ((1 - fx) * map[at] + fx * map[at + 1]) +
    fy * ((1 - fx) * map[at + width] + fx * map[at + width + 1])
  );
}

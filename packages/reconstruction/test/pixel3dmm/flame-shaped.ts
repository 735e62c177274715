import { createRandom, type Random } from "@headform/core-math";
import type { SkinnedModel } from "@headform/morphable-model";

/** Rings and segments of the head and of an eyeball: with these, FLAME's 5023 vertices. */
const HEAD = [59, 67] as const;
const EYE = [19, 28] as const;
const SHAPES = 300;
const EXPRESSIONS = 100;
/** Triangles under the neck that are left out: with these, FLAME's 9976. */
const HOLE = 58;

/**
 * A seeded skinned head of FLAME's shapes that looks like a head from afar: an egg with nose, brows,
 * lips and chin, two eyeballs, neck, jaw and eyelids; smooth shapes that fade from 6 mm to a twentieth
 * of one, expressions about mouth, eyes and brows, a texture around the head.
 */
export function flameShaped(seed = 1): SkinnedModel {
  const random = createRandom(seed);
  // 1. Surface.
  const head = sphere(...HEAD);
  const eyes = [0.032, -0.032].map((x) => ({ ...sphere(...EYE), center: [x, 0.03, 0.066] }));
  const positions: number[] = [];
  const uvs: number[] = [];
  const indices: number[] = [];
  const uvIndices: number[] = [];
  for (let i = 0; i < head.directions.length; i += 3) {
    positions.push(...skin(head.directions.slice(i, i + 3)));
  }
  // Three quarters of the texture's height for the skin, the rest for the eyes.
  for (let i = 0; i < head.uvs.length; i += 2) uvs.push(head.uvs[i], 0.25 + 0.75 * head.uvs[i + 1]);
  indices.push(...head.indices.slice(0, head.indices.length - 3 * HOLE));
  uvIndices.push(...head.uvIndices.slice(0, head.uvIndices.length - 3 * HOLE));
  eyes.forEach(({ directions, center, ...eye }, side) => {
    const first = positions.length / 3;
    const firstUv = uvs.length / 2;
    directions.forEach((d, i) => {
      positions.push(center[i % 3] + 0.0125 * d);
    });
    for (let i = 0; i < eye.uvs.length; i += 2) {
      uvs.push(0.5 * side + 0.4 * eye.uvs[i], 0.2 * eye.uvs[i + 1]);
    }
    indices.push(...eye.indices.map((v) => v + first));
    uvIndices.push(...eye.uvIndices.map((t) => t + firstUv));
  });
  const template = Float32Array.from(positions);
  const skinCount = head.directions.length / 3;
  const count = template.length / 3;

  // 2. Blendshapes.
  const shapeBasis = new Float32Array(SHAPES * template.length);
  for (let k = 0; k < SHAPES; k++) {
    const size = 0.006 / (1 + k / 4) ** 1.1;
    addWaves(shapeBasis, k, template, random, 8 + 45 * Math.sqrt(k / SHAPES), size);
  }
  const expressionBasis = new Float32Array(EXPRESSIONS * template.length);
  for (let k = 0; k < EXPRESSIONS; k++) {
    addBump(expressionBasis, k, template, skinCount, random, 0.012 / (1 + k / 6));
  }
  const eyelids = new Float32Array(2 * template.length);
  [0.032, -0.032].forEach((x, lid) => {
    for (let v = 0; v < skinCount; v++) {
      const p = template.subarray(3 * v, 3 * v + 3);
      eyelids[lid * template.length + 3 * v + 1] = -0.008 * near(p, [x, 0.036, 0.08], 0.012);
    }
  });

  // 3. Joints: root, neck, jaw, eyes.
  const places = [
    [0, -0.12, -0.02],
    [0, -0.09, -0.015],
    [0, -0.005, 0.005],
    [0.032, 0.03, 0.066],
    [-0.032, 0.03, 0.066],
  ];
  const jointRegressor = new Float32Array(5 * count);
  const skinningWeights = new Float32Array(5 * count);
  places.forEach((place, joint) => {
    // Eight vertices around the joint: the ones nearest to eight points about it.
    for (let corner = 0; corner < 8; corner++) {
      const target = place.map((c, axis) => c + ((corner >> axis) & 1 ? 0.04 : -0.04));
      jointRegressor[joint * count + nearest(template, target)] += 1 / 8;
    }
  });
  for (let v = 0; v < count; v++) {
    const [, y, z] = template.subarray(3 * v, 3 * v + 3);
    const weights = [0, 0, 0, 0, 0];
    if (v >= skinCount) weights[v < skinCount + (count - skinCount) / 2 ? 3 : 4] = 1;
    else {
      const jaw = smooth((-0.028 - y) / 0.03) * smooth((z - 0.015) / 0.04);
      const neck = smooth((y + 0.13) / 0.04);
      weights[2] = jaw * neck;
      weights[1] = (1 - jaw) * neck;
      weights[0] = 1 - neck;
    }
    skinningWeights.set(weights, 5 * v);
  }
  const poseBasis = new Float32Array(36 * template.length);
  for (let k = 9; k < 18; k++) addWaves(poseBasis, k, template, random, 20, 0.003);

  return {
    kind: "skinned",
    name: "flame-shaped",
    version: "1",
    licence: "MIT",
    unit: "m",
    template,
    indices: Uint32Array.from(indices),
    uvs: Float32Array.from(uvs),
    uvIndices: Uint32Array.from(uvIndices),
    shapeBasis,
    shapeStandardDeviations: new Float32Array(SHAPES).fill(1),
    expressionBasis,
    expressionStandardDeviations: new Float32Array(EXPRESSIONS).fill(1),
    expressionNames: Array.from({ length: EXPRESSIONS }, (_, k) => `expression${k}`),
    poseBasis,
    jointRegressor,
    skinningWeights,
    parents: Int32Array.of(-1, 0, 1, 1, 1),
    jointNames: ["root", "neck", "jaw", "leftEye", "rightEye"],
    eyelids,
    masks: new Map([
      ["eyeballs", Uint32Array.from({ length: count - skinCount }, (_, i) => skinCount + i)],
    ]),
  };
}

/** A vertex on the egg in the direction (x, y, z). */
function skin([x, y, z]: number[]): number[] {
  const bump = (cx: number, cy: number, width: number, height: number): number =>
    z <= 0 ? 0 : height * Math.exp(-((x - cx) ** 2 + (y - cy) ** 2) / (2 * width * width));
  const nose = bump(0, 0.02, 0.07, 0.022) + bump(0, 0.14, 0.06, 0.012) + bump(0, 0.25, 0.07, 0.006);
  const sockets = -bump(0.4, 0.27, 0.1, 0.009) - bump(-0.4, 0.27, 0.1, 0.009);
  const brows = bump(0.35, 0.45, 0.12, 0.005) + bump(-0.35, 0.45, 0.12, 0.005);
  const mouth =
    bump(0, -0.22, 0.12, 0.006) - bump(0, -0.3, 0.05, 0.004) + bump(0, -0.37, 0.12, 0.006);
  const chin = bump(0, -0.68, 0.13, 0.012);
  const out = 1 + (nose + sockets + brows + mouth + chin) / 0.09;
  // Narrower towards the chin, and a neck below.
  const narrow = 1 - 0.25 * smooth((-y - 0.1) / 0.9) * (z > 0 ? 1 : 0.6);
  const down = y < -0.75 && z < 0.4 ? 0.03 * smooth((-0.75 - y) / 0.25) : 0;
  return [0.075 * x * narrow * out, 0.115 * y - down, 0.092 * z * narrow * out - 0.005];
}

/** Unit sphere of rings and segments with two poles; +Z is in the middle of its texture. */
function sphere(
  rings: number,
  segments: number,
): { directions: number[]; uvs: number[]; indices: number[]; uvIndices: number[] } {
  const directions: number[] = [];
  const uvs: number[] = [];
  const indices: number[] = [];
  const uvIndices: number[] = [];
  // More of both on the face: every second ring and segment lies there.
  const around = (s: number): number => s - 0.6 * Math.sin(s);
  for (let r = 1; r <= rings; r++) {
    const polar = (Math.PI * r) / (rings + 1);
    for (let s = 0; s <= segments; s++) {
      const turn = around((2 * Math.PI * s) / segments - Math.PI);
      uvs.push((turn + Math.PI) / (2 * Math.PI), 1 - r / (rings + 1));
      if (s === segments) continue;
      const ring = Math.sin(polar);
      directions.push(ring * Math.sin(turn), Math.cos(polar), ring * Math.cos(turn));
    }
  }
  directions.push(0, 1, 0, 0, -1, 0);
  const [top, bottom] = [rings * segments, rings * segments + 1];
  const topUv = uvs.length / 2;
  uvs.push(0.5, 1, 0.5, 0);
  const at = (r: number, s: number): number => r * segments + (s % segments);
  const uvAt = (r: number, s: number): number => r * (segments + 1) + s;
  for (let s = 0; s < segments; s++) {
    indices.push(top, at(0, s), at(0, s + 1));
    uvIndices.push(topUv, uvAt(0, s), uvAt(0, s + 1));
  }
  for (let r = 0; r + 1 < rings; r++) {
    for (let s = 0; s < segments; s++) {
      indices.push(at(r, s), at(r + 1, s), at(r + 1, s + 1));
      indices.push(at(r, s), at(r + 1, s + 1), at(r, s + 1));
      uvIndices.push(uvAt(r, s), uvAt(r + 1, s), uvAt(r + 1, s + 1));
      uvIndices.push(uvAt(r, s), uvAt(r + 1, s + 1), uvAt(r, s + 1));
    }
  }
  for (let s = 0; s < segments; s++) {
    indices.push(bottom, at(rings - 1, s + 1), at(rings - 1, s));
    uvIndices.push(topUv + 1, uvAt(rings - 1, s + 1), uvAt(rings - 1, s));
  }
  return { directions, uvs, indices, uvIndices };
}

/** Row k: a sum of six waves of a frequency, rad/m, in random directions. */
function addWaves(
  basis: Float32Array,
  k: number,
  template: Float32Array,
  random: Random,
  frequency: number,
  size: number,
): void {
  for (let wave = 0; wave < 6; wave++) {
    const w = [0, 1, 2].map(() => frequency * random.normal());
    const along = [0, 1, 2].map(() => (size * random.normal()) / Math.sqrt(9));
    const phase = 2 * Math.PI * random.uniform();
    for (let i = 0; i < template.length; i += 3) {
      const value = Math.cos(
        w[0] * template[i] + w[1] * template[i + 1] + w[2] * template[i + 2] + phase,
      );
      for (let axis = 0; axis < 3; axis++)
        basis[k * template.length + i + axis] += along[axis] * value;
    }
  }
}

/** Row k: one place of the face that moves. */
function addBump(
  basis: Float32Array,
  k: number,
  template: Float32Array,
  skinCount: number,
  random: Random,
  size: number,
): void {
  const center = [0.1 * (random.uniform() - 0.5), 0.16 * random.uniform() - 0.09, 0.085];
  const width = 0.012 + 0.03 * random.uniform();
  const along = [0, 1, 2].map(() => (size * random.normal()) / Math.sqrt(3));
  for (let v = 0; v < skinCount; v++) {
    const share = near(template.subarray(3 * v, 3 * v + 3), center, width);
    for (let axis = 0; axis < 3; axis++) {
      basis[k * template.length + 3 * v + axis] = share * along[axis];
    }
  }
}

function near(p: ArrayLike<number>, center: readonly number[], width: number): number {
  const square = center.reduce((sum, c, axis) => sum + (p[axis] - c) ** 2, 0);
  return Math.exp(-square / (2 * width * width));
}

function nearest(template: Float32Array, target: readonly number[]): number {
  let [best, least] = [0, Infinity];
  for (let v = 0; v < template.length / 3; v++) {
    const square = target.reduce((sum, c, axis) => sum + (template[3 * v + axis] - c) ** 2, 0);
    if (square < least) [best, least] = [v, square];
  }
  return best;
}

/** 0 below 0, 1 above 1, smooth between. */
function smooth(t: number): number {
  const x = Math.max(0, Math.min(1, t));
  return x * x * (3 - 2 * x);
}

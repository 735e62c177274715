import { type Fragments, interpolate, rasterize } from "@headform/raster";
import { createRandom } from "@headform/testing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

const SEED = 20240607;

/** Triangle ids as text, one row per line; "." is empty. */
function picture({ width, height, triangles }: Fragments): string[] {
  return Array.from({ length: height }, (_, y) =>
    Array.from(triangles.subarray(y * width, (y + 1) * width), (t) =>
      t < 0 ? "." : String(t),
    ).join(""),
  );
}

const screen = (...points: number[][]): Float64Array =>
  Float64Array.from(points.flatMap(([x, y, z = 0]) => [x!, y!, z]));

describe("coverage", () => {
  test("a triangle on pixel centers owns its top and left edges only", () => {
    // Corners at the centers of pixels 0 and 4: the hypotenuse is a right edge, the bottom none.
    const positions = screen([0.5, 0.5], [4.5, 0.5], [0.5, 4.5]);
    const size = { width: 6, height: 6 };
    for (const indices of [new Uint32Array([0, 1, 2]), new Uint32Array([2, 1, 0])]) {
      expect(picture(rasterize({ positions, indices, ...size }))).toEqual([
        "0000..",
        "000...",
        "00....",
        "0.....",
        "......",
        "......",
      ]);
    }
  });

  test("only the front side is drawn with cull: back", () => {
    const positions = screen([0, 0], [0, 4], [4, 0]);
    const size = { width: 4, height: 4, cull: "back" as const };
    // Down, then right: counter-clockwise to the eye, since y points down.
    const front = rasterize({ positions, indices: new Uint32Array([0, 1, 2]), ...size });
    const back = rasterize({ positions, indices: new Uint32Array([0, 2, 1]), ...size });
    expect(front.triangles.some((t) => t === 0)).toBe(true);
    expect(back.triangles.every((t) => t === -1)).toBe(true);
  });

  test("a fan covers each pixel of a disk exactly once", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 2 * Math.PI, noNaN: true }), {
          minLength: 3,
          maxLength: 24,
        }),
        // Centers on the grid of pixels make ties; others do not.
        fc.integer({ min: 20, max: 44 }),
        fc.integer({ min: 20, max: 44 }),
        (angles, cx, cy) => {
          const sorted = [...angles].sort((a, b) => a - b);
          const rim = sorted.map((a) => [
            Math.round(2 * (32 + 30 * Math.cos(a))) / 2,
            Math.round(2 * (32 + 30 * Math.sin(a))) / 2,
          ]);
          const positions = screen([cx / 2 + 16, cy / 2 + 16], ...rim);
          const covered = new Int32Array(64 * 64);
          for (let i = 0; i < rim.length; i++) {
            const j = (i + 1) % rim.length;
            const indices = new Uint32Array([0, 1 + i, 1 + j]);
            // Triangles that the center, outside of the polygon, turns over count as negative.
            const [x0, y0] = [positions[0], positions[1]];
            const [xi, yi] = rim[i] as [number, number];
            const [xj, yj] = rim[j] as [number, number];
            const sign = Math.sign((xi - x0) * (yj - y0) - (yi - y0) * (xj - x0));
            const { triangles } = rasterize({ positions, indices, width: 64, height: 64 });
            for (let k = 0; k < covered.length; k++) if (triangles[k] >= 0) covered[k] += sign;
          }
          // Winding of a simple polygon: 0 or 1 at every center, whatever the fan's own center.
          return covered.every((n) => n === 0 || n === 1);
        },
      ),
      { seed: SEED, numRuns: 60 },
    );
  });

  test("random triangles against a brute force in exact arithmetic", () => {
    const random = createRandom(5);
    const width = 40;
    const height = 30;
    // Multiples of 1/64 pixel are kept by the snapping.
    const snap = (value: number): number => Math.round(64 * value) / 64;
    const points = Array.from({ length: 60 }, () => [
      snap(70 * random() - 15),
      snap(60 * random() - 15),
      100 * random(),
    ]);
    const indices = Uint32Array.from({ length: 90 }, () => Math.floor(60 * random()));
    const positions = screen(...points);
    const fragments = rasterize({ positions, indices, width, height });
    const attributes = Float64Array.from(positions);
    const seen = interpolate(fragments, attributes, indices, 3);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const best = bruteForce(points, indices, x + 0.5, y + 0.5);
        const i = y * width + x;
        expect(fragments.triangles[i]).toBe(best.triangle);
        if (best.triangle < 0) {
          expect(fragments.depth[i]).toBe(Number.NEGATIVE_INFINITY);
          continue;
        }
        // Float32 barycentrics of triangles up to 80 pixels wide: 80 · 2⁻²⁴, some roundings.
        expect(Math.abs(fragments.depth[i] - best.z)).toBeLessThan(3e-5);
        expect(Math.abs(seen.data[3 * i] - (x + 0.5))).toBeLessThan(3e-5);
        expect(Math.abs(seen.data[3 * i + 1] - (y + 0.5))).toBeLessThan(3e-5);
      }
    }
  });

  test("triangles beyond the edges, without area, not finite or far away", () => {
    const positions = screen(
      [-50, -50, 1],
      [100, -50, 1],
      [-50, 100, 1],
      [3, 3, 5],
      [3, 3, 5],
      [Number.NaN, 0, 9],
      [1e9, 0, 9],
      [Number.POSITIVE_INFINITY, 4, 9],
    );
    const indices = new Uint32Array([3, 4, 0, 0, 1, 5, 0, 1, 6, 0, 7, 2, 0, 1, 2]);
    const { triangles } = rasterize({ positions, indices, width: 5, height: 5 });
    expect([...triangles]).toEqual(new Array(25).fill(4));
    const none = rasterize({
      positions: new Float32Array(0),
      indices: new Uint32Array(0),
      width: 1,
      height: 1,
    });
    expect([...none.triangles]).toEqual([-1]);
  });

  test("the first of equally near triangles stays; out is reused", () => {
    const positions = screen([0, 0, 2], [9, 0, 2], [0, 9, 2], [0, 0, 3], [9, 0, 1], [0, 9, 1]);
    const indices = new Uint32Array([0, 1, 2, 2, 1, 0]);
    const input = { positions, indices, width: 3, height: 3 };
    const fragments = rasterize(input);
    expect([...fragments.triangles]).toEqual(new Array(9).fill(0));
    const again = rasterize({ ...input, indices: new Uint32Array([3, 4, 5]) }, fragments);
    expect(again).toBe(fragments);
    expect([...again.triangles]).toEqual(new Array(9).fill(0));
    expect(again.depth[0]).not.toBe(2);
  });
});

/** The nearest triangle at a point: same tie rule, evaluated in BigInt-free integers of 1/64. */
function bruteForce(
  points: number[][],
  indices: Uint32Array,
  x: number,
  y: number,
): { triangle: number; z: number } {
  let best = { triangle: -1, z: Number.NEGATIVE_INFINITY };
  for (let t = 0; t < indices.length / 3; t++) {
    let [a, b, c] = [0, 1, 2].map((k) => points[indices[3 * t + k]]) as [
      number[],
      number[],
      number[],
    ];
    const cross = (p: number[], q: number[], rx: number, ry: number): number =>
      (q[0] - p[0]) * (ry - p[1]) - (q[1] - p[1]) * (rx - p[0]);
    let area = cross(a, b, c[0], c[1]);
    if (area === 0) continue;
    if (area < 0) {
      [b, c] = [c, b];
      area = -area;
    }
    const inside = (p: number[], q: number[]): boolean => {
      const e = cross(p, q, x, y);
      if (e !== 0) return e > 0;
      // Clockwise on the screen: a top edge runs to the right, a left edge runs up.
      return q[1] < p[1] || (q[1] === p[1] && q[0] > p[0]);
    };
    if (!(inside(a, b) && inside(b, c) && inside(c, a))) continue;
    const z =
      (cross(b, c, x, y) * a[2] + cross(c, a, x, y) * b[2] + cross(a, b, x, y) * c[2]) / area;
    if (z > best.z) best = { triangle: t, z };
  }
  return best;
}

describe("perspective", () => {
  test("barycentrics and z agree with casting rays", () => {
    const random = createRandom(9);
    const focal = 80;
    for (let round = 0; round < 20; round++) {
      // Corners in a camera frame, in front of it by 1 to 6.
      const corners = [0, 1, 2].map(() => [
        4 * random() - 2,
        4 * random() - 2,
        -(1 + 5 * random()),
      ]) as [number[], number[], number[]];
      const snapped = corners.map(([x, y, z]) => {
        // Put each corner back on the ray of its snapped pixel, so that both see one triangle.
        const u = Math.round(1024 * (32 + (focal * x!) / -z!)) / 1024;
        const v = Math.round(1024 * (32 - (focal * y!) / -z!)) / 1024;
        return { u, v, p: [((u - 32) * -z!) / focal, ((32 - v) * -z!) / focal, z!] };
      });
      const positions = screen(...snapped.map(({ u, v, p }) => [u, v, p[2]]));
      const w = Float64Array.from(snapped, ({ p }) => -p[2]);
      const indices = new Uint32Array([0, 1, 2]);
      const fragments = rasterize({ positions, indices, width: 64, height: 64, w });
      const attributes = Float64Array.from(snapped.flatMap(({ p }) => p));
      const seen = interpolate(fragments, attributes, indices, 3);
      let worst = 0;
      for (let i = 0; i < 64 * 64; i++) {
        if (fragments.triangles[i] < 0) continue;
        const ray = [((i % 64) + 0.5 - 32) / focal, (32 - Math.floor(i / 64) - 0.5) / focal, -1];
        const hit = castRay(ray, snapped[0].p, snapped[1].p, snapped[2].p);
        for (let c = 0; c < 3; c++) {
          worst = Math.max(worst, Math.abs(seen.data[3 * i + c] - hit[c]));
        }
        worst = Math.max(worst, Math.abs(fragments.depth[i] - hit[2]));
      }
      // Float32 of numbers up to 6; thin triangles seen from the side lose some more.
      expect(worst).toBeLessThan(1e-5);
    }
  });

  test("triangles that reach behind the eye are not drawn", () => {
    const positions = screen([0, 0, 1], [9, 0, 1], [0, 9, 1]);
    const indices = new Uint32Array([0, 1, 2]);
    for (const bad of [0, -1, Number.NaN]) {
      const w = new Float64Array([1, bad, 1]);
      const { triangles } = rasterize({ positions, indices, width: 2, height: 2, w });
      expect(triangles.every((t) => t === -1)).toBe(true);
    }
  });
});

/** Where a ray from the origin meets the plane of a triangle. */
function castRay(ray: number[], a: number[], b: number[], c: number[]): number[] {
  const u = b.map((value, k) => value - a[k]) as [number, number, number];
  const v = c.map((value, k) => value - a[k]) as [number, number, number];
  const n = [u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]];
  const dot = (p: number[], q: number[]): number => p[0] * q[0] + p[1] * q[1] + p[2] * q[2];
  const t = dot(n, a) / dot(n, ray);
  return ray.map((value) => t * value);
}

describe("interpolate", () => {
  test("background, uv indices and one channel", () => {
    const positions = screen([0, 0], [0, 2], [2, 0]);
    const indices = new Uint32Array([0, 1, 2]);
    const fragments = rasterize({ positions, indices, width: 3, height: 1 });
    const out = interpolate(fragments, new Float32Array([0, 8, 4]), indices, 1, {
      background: [-1],
    });
    // Pixel 0 at (0.5, 0.5): barycentrics ½ ¼ ¼. Pixel 1 lies on the hypotenuse, a right edge.
    expect([...out.data]).toEqual([3, -1, -1]);
    const other = interpolate(fragments, new Float32Array([9, 5]), new Uint32Array([1, 1, 0]), 1);
    expect(other.data[0]).toBe(6);
  });
});

describe("errors", () => {
  const positions = new Float32Array(9);
  const indices = new Uint32Array([0, 1, 2]);
  const input = { positions, indices, width: 4, height: 4 };
  test("rasterize", () => {
    expect(() => rasterize({ ...input, width: 0 })).toThrow(/size of whole pixels/);
    expect(() => rasterize({ ...input, height: 2.5 })).toThrow(RangeError);
    expect(() => rasterize({ ...input, width: 40000 })).toThrow(/sides below/);
    expect(() => rasterize({ ...input, positions: new Float32Array(8) })).toThrow(/\[V×3\]/);
    expect(() => rasterize({ ...input, indices: new Uint32Array(4) })).toThrow(/\[F×3\]/);
    expect(() => rasterize({ ...input, indices: new Uint32Array([0, 1, 3]) })).toThrow(
      /got 3 at 2/,
    );
    expect(() => rasterize({ ...input, w: new Float32Array(2) })).toThrow(/expected w \[3\]/);
    const other = rasterize({ ...input, width: 5 });
    expect(() => rasterize(input, other)).toThrow(/expected out of 4×4, got 5×4/);
  });
  test("interpolate", () => {
    const fragments = rasterize({
      ...input,
      positions: screen([0, 0], [0, 9], [9, 0]),
    });
    const values = new Float32Array(3);
    expect(() => interpolate(fragments, values, indices, 0)).toThrow(/\[V×C\]/);
    expect(() => interpolate(fragments, values, indices, 2)).toThrow(/\[V×C\]/);
    expect(() => interpolate(fragments, values, indices, 1, { background: [1, 2] })).toThrow(
      /background \[1\]/,
    );
    expect(() => interpolate(fragments, values, new Uint32Array([0, 1, 9]), 1)).toThrow(/got 9/);
    expect(() => interpolate(fragments, values, new Uint32Array(0), 1)).toThrow(/up to 0, got 0/);
  });
});

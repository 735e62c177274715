import type { Mesh } from "@headform/mesh";
import { estimateOcclusion, visibleVertices } from "@headform/raster";
import { describe, expect, test } from "vitest";
import { camerasAt, rotation, sphere } from "./shapes.ts";

describe("a sphere", () => {
  for (const [yaw, pitch] of [
    [0, 0],
    [0.9, -0.5],
    [3, 0.2],
  ] as const) {
    for (const camera of camerasAt(yaw, pitch)) {
      test(`${camera.kind}, yaw ${yaw}: visible where n·view > 0`, () => {
        const mesh = sphere(40);
        const visible = visibleVertices(mesh, camera);
        const r = rotation(yaw, pitch);
        const distance = camera.kind === "perspective" ? 5 : Number.POSITIVE_INFINITY;
        for (let i = 0; i < visible.length; i++) {
          const p = mesh.positions.subarray(3 * i, 3 * i + 3);
          const towards = r[6] * p[0] + r[7] * p[1] + r[8] * p[2];
          // The sphere ends, to the eye, at z = 1/distance. Within half a facet (π/40) of that the
          // polyhedron's silhouette may decide otherwise.
          if (Math.abs(towards - 1 / distance) < Math.PI / 80) continue;
          expect(visible[i]).toBe(towards > 1 / distance ? 1 : 0);
        }
      });
    }
  }
});

/** Two squares one behind the other, facing +Z, and a vertex of no triangle at the origin. */
function panes(): Mesh {
  const corners = [-1, -1, 1, -1, 1, 1, -1, 1];
  const at = (scale: number, z: number): number[] =>
    [0, 1, 2, 3].flatMap((k) => [scale * corners[2 * k], scale * corners[2 * k + 1], z]);
  return {
    positions: new Float32Array([...at(0.5, 0.5), ...at(0.6, 0), 0.1, 0.2, 0]),
    indices: new Uint32Array([0, 1, 2, 0, 2, 3, 4, 5, 6, 4, 6, 7]),
    normals: new Float32Array(27).map((_, i) => (i % 3 === 2 ? 1 : 0)),
    unit: "none",
  };
}

test("one pane hides what lies behind it and not what sticks out", () => {
  for (const camera of camerasAt(0, 0)) {
    expect([...visibleVertices(panes(), camera)]).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 0]);
  }
  // From behind no normal looks at the eye.
  for (const camera of camerasAt(Math.PI, 0)) {
    expect([...visibleVertices(panes(), camera)]).toEqual(new Array(9).fill(0));
  }
});

test("tolerance lets through what is covered only slightly; empty meshes have no vertices", () => {
  const camera = camerasAt(0, 0)[0];
  expect(visibleVertices(panes(), camera, { tolerance: 1.1 })[8]).toBe(1);
  const empty = { positions: new Float32Array(0), indices: new Uint32Array(0) };
  expect(visibleVertices(empty, camera).length).toBe(0);
});

test("vertices behind a perspective camera are not visible", () => {
  const camera = camerasAt(0, 0)[2];
  const mesh = { ...panes(), positions: panes().positions.map((v, i) => (i % 3 === 2 ? 7 : v)) };
  expect(visibleVertices(mesh, camera).every((v) => v === 0)).toBe(true);
});

test("occlusion: a sphere is open, a bowl is darkest at its bottom", () => {
  const ball = estimateOcclusion(sphere(24));
  // Nothing lies before a convex surface.
  expect(Math.min(...ball)).toBeGreaterThan(0.97);
  // The lower half of a sphere seen from inside: the sky above the bottom is half of it, and by
  // cosine ∫ over the cap that the rim leaves open, sin²45° = ½.
  const whole = sphere(32);
  const bowl = {
    positions: whole.positions,
    indices: whole.indices.filter((_, i, all) => {
      const t = i - (i % 3);
      return [0, 1, 2].every((k) => whole.positions[3 * all[t + k] + 1] <= 1e-6);
    }),
    normals: whole.normals!.map((value) => -value),
  };
  const inside = estimateOcclusion(bowl, { directions: 400, resolution: 256 });
  const bottom = inside[inside.length - 1];
  expect(bottom).toBeGreaterThan(0.45);
  expect(bottom).toBeLessThan(0.57);
});

test("errors", () => {
  const camera = camerasAt(0, 0)[0];
  for (const tolerance of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(() => visibleVertices(panes(), camera, { tolerance })).toThrow(/a tolerance ≥ 0/);
  }
  expect(() => estimateOcclusion(panes(), { directions: 0 })).toThrow(/positive whole numbers/);
  expect(() => estimateOcclusion(panes(), { resolution: 1.5 })).toThrow(RangeError);
});

import {
  type CorrespondenceMaps,
  createSurfaceIndex,
  localizePixels,
  localizeVertices,
  type PcaModel,
} from "@headform/morphable-model";
import { describe, expect, test } from "vitest";
import { syntheticHead } from "./synthetic-head.ts";

const model = syntheticHead(1);

/** Maps of one row whose pixels show the given points. */
function row(points: readonly (readonly number[])[]): CorrespondenceMaps {
  return {
    width: points.length,
    height: 1,
    pncc: Float32Array.from(points.flat()),
    offset: Float32Array.from(points.flatMap((_, i) => [i, 0, 0])),
    visible: new Float32Array(points.length).fill(1),
  };
}

function vertex(v: number, shift = 0): number[] {
  return [model.mean[3 * v] + shift, model.mean[3 * v + 1], model.mean[3 * v + 2]];
}

describe("localizeVertices", () => {
  test("takes the nearest pixel within the radius, none beyond it", () => {
    const maps = row([vertex(4, 0.003), vertex(4, 0.001), vertex(9, 0.0041)]);
    const found = localizeVertices(model, maps);
    expect([...found.vertices]).toEqual([4]);
    expect([...found.pixels]).toEqual([1.5, 0.5]);
    expect([...found.offsets]).toEqual([1, 0, 0]);
    expect(localizeVertices(model, maps, { radius: 0.005 }).vertices).toEqual(Uint32Array.of(4, 9));
  });

  test("leaves invisible pixels out, and may find nothing", () => {
    const maps = row([vertex(4)]);
    maps.visible[0] = 0.4;
    expect(localizeVertices(model, maps).weights.length).toBe(0);
    expect(localizeVertices(model, maps, { visible: 0.3 }).weights).toEqual(
      Float64Array.of(Math.fround(0.4)),
    );
  });

  test("refuses torn maps and a radius of nothing", () => {
    const maps = row([vertex(4)]);
    expect(() => localizeVertices(model, { ...maps, width: 2 })).toThrow(RangeError);
    expect(() => localizeVertices(model, maps, { radius: 0 })).toThrow("radius > 0");
  });
});

describe("localizePixels", () => {
  const index = createSurfaceIndex(model);

  test("finds the closest point of the surface: inside, on edges, at corners", () => {
    const [a, b, c] = [0, 1, 2].map((k) => vertex(model.indices[3 * 7 + k]));
    const mix = (...w: number[]) => [0, 1, 2].map((i) => w[0] * a[i] + w[1] * b[i] + w[2] * c[i]);
    const maps = row([mix(0.5, 0.3, 0.2), mix(0.5, 0.5, 0), mix(1, 0, 0)]);
    const found = localizePixels(index, maps);
    expect(found.weights.length).toBe(3);
    for (let i = 0; i < 3; i++) {
      const target = maps.pncc.subarray(3 * i, 3 * i + 3);
      for (let axis = 0; axis < 3; axis++) {
        let value = 0;
        for (let corner = 0; corner < 3; corner++) {
          value +=
            (found.barycentrics?.[3 * i + corner] ?? 0) *
            model.mean[3 * found.vertices[3 * i + corner] + axis];
        }
        // The map is float32: 1e-8 at 0.1.
        expect(Math.abs(value - target[axis])).toBeLessThan(2e-8);
      }
    }
  });

  test("drops what is far from the surface", () => {
    const [x, y, z] = vertex(3);
    const out = (s: number) => [x * s, y * s, z * s];
    // The head is about 0.1 in radius: 5 % are 5 mm, 15 % are 15.
    const found = localizePixels(index, row([out(1.05), out(1.15)]));
    expect([...found.pixels]).toEqual([0.5, 0.5]);
  });

  test("thins to the maximum, evenly", () => {
    const size = 40;
    const [x, y, z] = vertex(2);
    const maps: CorrespondenceMaps = {
      width: size,
      height: size,
      pncc: Float32Array.from({ length: 3 * size * size }, (_, i) => [x, y, z][i % 3]),
      offset: new Float32Array(3 * size * size),
      visible: new Float32Array(size * size).fill(1),
    };
    const found = localizePixels(index, maps, { maximum: 400 });
    expect(found.weights.length).toBe(400);
    // A quarter of the pixels in each quadrant; the sequence keeps it within a tenth.
    let left = 0;
    for (let i = 0; i < 800; i += 2) if (found.pixels[i] < 20 && found.pixels[i + 1] < 20) left++;
    expect(left).toBeGreaterThan(90);
    expect(left).toBeLessThan(110);
  });

  test("weighs by region and leaves regions of weight 0 out", () => {
    const regions = new Uint8Array(model.mean.length / 3);
    regions[3] = 1;
    regions[4] = 2;
    const parts: PcaModel = { ...model, regions, regionNames: ["faceSkin", "neck", "teeth"] };
    const found = localizePixels(createSurfaceIndex(parts), row([vertex(3), vertex(5)]));
    expect([...found.weights]).toEqual([0.3, 1]);
    const index2 = createSurfaceIndex(parts);
    expect(index2.searched.includes(4)).toBe(false);
    const nothing = { faceSkin: 0, neck: 0, teeth: 0 };
    expect(() => createSurfaceIndex(parts, nothing)).toThrow(RangeError);
  });
});

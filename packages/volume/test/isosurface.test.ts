import { createRandom } from "@headform/core-math";
import { isosurface, type VoxelGrid } from "@headform/volume";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
// Not public: which kernel runs is no matter of the caller's.
import { march } from "../src/march.ts";
import { createWasmKernel, fitsWasmKernel } from "../src/slab-kernel-wasm.ts";
import { SLAB_WASM } from "../src/slab-wasm-binary.ts";
import { measure, sample, topologyOf } from "./surfaces.ts";

const closedManifold = { borders: 0, badEdges: 0, badVertices: 0 };
const torus = (x: number, y: number, z: number, at = 0, radius = 0.5): number =>
  0.15 - Math.hypot(Math.hypot(x - at, y) - radius, z);

function cells(data: readonly number[], dims: readonly [number, number, number]): VoxelGrid {
  return { data: Float32Array.from(data), dims, spacing: [1, 1, 1], origin: [0, 0, 0] };
}

describe("shapes of known topology and measure", () => {
  test.each([17, 64])("a sphere of side %i", (side) => {
    const grid = sample(side, (x, y, z) => 0.7 - Math.hypot(x, y, z));
    const mesh = isosurface(grid, { isovalue: 0, unit: "m" });
    expect(topologyOf(mesh)).toEqual({ euler: 2, ...closedManifold });
    const { volume, area } = measure(mesh);
    // Linear interpolation is inside by at most h²/(8r) for a step h: relative 3 h²/(8r²) and less.
    const bound = (3 / 8) * (grid.spacing[0] / 0.7) ** 2;
    expect(volume).toBeLessThan((4 / 3) * Math.PI * 0.7 ** 3);
    expect(volume).toBeGreaterThan((4 / 3) * Math.PI * 0.7 ** 3 * (1 - 3 * bound));
    expect(Math.abs(area / (4 * Math.PI * 0.7 ** 2) - 1)).toBeLessThan(2 * bound);
    expect(mesh.unit).toBe("m");
    for (let v = 0; v < mesh.positions.length; v += 3) {
      const [x, y, z] = mesh.positions.subarray(v, v + 3);
      const [nx, ny, nz] = mesh.normals!.subarray(v, v + 3);
      const cosine = (x! * nx! + y! * ny! + z! * nz!) / Math.hypot(x!, y!, z!);
      // Differences over two steps of a function with third derivatives of about 1/r²: (h/r)²/3.
      expect(cosine).toBeGreaterThan(1 - (grid.spacing[0] / 0.7) ** 2 / 3);
      expect(Math.hypot(nx!, ny!, nz!)).toBeCloseTo(1, 5);
    }
  });

  test("a torus and a double torus", () => {
    const one = isosurface(sample(48, torus), { isovalue: 0 });
    expect(topologyOf(one)).toEqual({ euler: 0, ...closedManifold });
    // 2π²·R·r², within the 2 % that 48 samples cost a tube of radius 0.15.
    expect(measure(one).volume / (2 * Math.PI ** 2 * 0.5 * 0.15 ** 2)).toBeCloseTo(1, 1);
    const two = isosurface(
      sample(48, (x, y, z) => Math.max(torus(x, y, z, -0.4, 0.35), torus(x, y, z, 0.4, 0.35))),
      { isovalue: 0 },
    );
    expect(topologyOf(two)).toEqual({ euler: -2, ...closedManifold });
  });

  test("a wall thinner than a voxel, as a shell", () => {
    const shell = sample(40, (x, y, z) => 0.02 - Math.abs(Math.hypot(x, y, z) - 0.6));
    const topology = topologyOf(isosurface(shell, { isovalue: 0 }));
    expect(topology).toMatchObject(closedManifold);
  });

  test("normals point outwards from a single sample, and from a sheet one sample thick", () => {
    const data = new Uint8Array(27);
    data[13] = 255;
    const mesh = isosurface(
      { data, dims: [3, 3, 3], spacing: [1, 2, 3], origin: [-1, -2, -3] },
      { isovalue: 127.5 },
    );
    // The octahedron with half axes 1/2, 1, 3/2: exact, every number is a sum of powers of two.
    expect(measure(mesh).volume).toBeCloseTo((4 / 3) * 0.5 * 1 * 1.5, 6);
    expect(topologyOf(mesh)).toEqual({ euler: 2, ...closedManifold });
    mesh.positions.forEach((value, i) => {
      expect(mesh.normals![i]).toBeCloseTo(Math.sign(value), 6);
    });
  });
});

describe("any volume gives a closed two-manifold", () => {
  const side = fc.integer({ min: 1, max: 5 });
  const volumes = fc.tuple(side, side, side, fc.integer(), fc.boolean());
  const build = ([w, h, d, seed, binary]: [number, number, number, number, boolean]): VoxelGrid => {
    let state = seed >>> 0;
    const data = Array.from({ length: w * h * d }, () => {
      state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) >>> 0;
      return binary ? state >>> 31 : state / 2 ** 32;
    });
    return cells(data, [w, h, d]);
  };

  test("random samples, closed", () => {
    fc.assert(
      fc.property(volumes, (volume) => {
        const mesh = isosurface(build(volume), { closed: true });
        expect(topologyOf(mesh)).toMatchObject(closedManifold);
        expect(measure(mesh).volume).toBeGreaterThanOrEqual(0);
      }),
      { seed: 20261120, numRuns: 1500 },
    );
  });

  test("random samples, open: borders only on the grid's own border", () => {
    fc.assert(
      fc.property(volumes, (volume) => {
        const mesh = isosurface(build(volume));
        const { badEdges } = topologyOf(mesh);
        expect(badEdges).toBe(0);
      }),
      { seed: 7, numRuns: 500 },
    );
  });

  test("every pattern of a cell's corners, with every way its faces are decided", () => {
    for (let inside = 0; inside < 256; inside++) {
      for (const scale of [1, 3, 1 / 3]) {
        // Corners inside weigh more or less by place: faces of one cell are decided differently.
        const data = Array.from({ length: 8 }, (_, c) =>
          (inside >> c) & 1 ? (c & 1 ? scale : 1) : c & 4 ? -scale : -1,
        );
        const mesh = isosurface(cells(data, [2, 2, 2]), { isovalue: 0, closed: true });
        expect(topologyOf(mesh)).toMatchObject(closedManifold);
      }
    }
  });

  test("noise", () => {
    const mesh = isosurface(build([24, 33, 20, 1, false]), { closed: true });
    expect(topologyOf(mesh)).toMatchObject(closedManifold);
    expect(mesh.indices.length).toBeGreaterThan(50_000);
  });

  test("a face's saddle decides whether its corners are joined", () => {
    // Two diagonal corners of one face, above it nothing: one part where the saddle is inside.
    const strong = cells([3, -1, -1, 3, -9, -9, -9, -9], [2, 2, 2]);
    const weak = cells([1, -3, -3, 1, -9, -9, -9, -9], [2, 2, 2]);
    expect(topologyOf(isosurface(strong, { isovalue: 0, closed: true })).euler).toBe(2);
    expect(topologyOf(isosurface(weak, { isovalue: 0, closed: true })).euler).toBe(4);
  });
});

describe("edges of the domain", () => {
  test("rows longer than a word of bits: a box at every place", () => {
    for (const width of [31, 32, 33, 63, 64]) {
      const data = new Uint8Array(width * 4).fill(1);
      const mesh = isosurface(
        { data, dims: [width, 2, 2], spacing: [1, 1, 1], origin: [0, 0, 0] },
        { closed: true },
      );
      expect(topologyOf(mesh)).toEqual({ euler: 2, ...closedManifold });
      // The box reaches half a voxel beyond its outermost samples; its edges are cut off.
      const cut = 0.125 * 4 * (width + 2 + 2) - 0.25;
      expect(measure(mesh).volume).toBeGreaterThan(4 * width - cut);
      expect(measure(mesh).volume).toBeLessThan(4 * width);
    }
  });

  test("nothing inside, everything inside, one sample", () => {
    const ones = cells([1, 1, 1, 1, 1, 1, 1, 1], [2, 2, 2]);
    expect(isosurface(ones).indices.length).toBe(0);
    expect(isosurface(ones, { isovalue: 1 }).indices.length).toBe(0);
    expect(isosurface(cells([1], [1, 1, 1])).positions.length).toBe(0);
    expect(isosurface(cells([1], [1, 1, 1]), { closed: true }).indices.length).toBe(24);
  });

  test("without normals there are none", () => {
    const mesh = isosurface(cells([1], [1, 1, 1]), { closed: true, normals: false });
    expect(mesh.normals).toBeUndefined();
  });

  test("bytes and floats of the same values give the same mesh", () => {
    const bytes = Uint8Array.from({ length: 1000 }, (_, i) => (i * 7919) % 251);
    const grid = { dims: [10, 10, 10], spacing: [1, 1, 1], origin: [0, 0, 0] } as const;
    expect(isosurface({ ...grid, data: bytes }, { isovalue: 100 })).toEqual(
      isosurface({ ...grid, data: Float32Array.from(bytes) }, { isovalue: 100 }),
    );
  });
});

describe("the kernel in WebAssembly", () => {
  const grids = fc.tuple(
    fc.integer({ min: 1, max: 70 }),
    fc.integer({ min: 1, max: 5 }),
    fc.integer({ min: 1, max: 6 }),
    fc.integer(),
    fc.constantFrom("floats", "bytes"),
  );
  const build = ([w, h, d, seed, kind]: [number, number, number, number, string]): VoxelGrid => {
    const random = createRandom(seed);
    const floats = Float32Array.from({ length: w * h * d }, () => random.uniform() - 0.25);
    const data = kind === "floats" ? floats : Uint8Array.from(floats, (value) => 200 * value);
    return { data, dims: [w, h, d], spacing: [0.3, 1, 2], origin: [5, -1, 0.1] };
  };

  /** In WebAssembly also where it takes more memory than it may. */
  const inWasm = (grid: VoxelGrid, isovalue: number, normals: boolean, closed: boolean) => {
    const { window, slabs } = createWasmKernel(grid, isovalue, normals, closed)!;
    expect(slabs.name).toBe("wasm");
    return march(window, isovalue, slabs, normals, (index) => {
      throw new RangeError(`broken at ${window.sourceOf(index)}`);
    });
  };

  test("gives the same bits as the one in TypeScript", () => {
    const isovalues = fc.constantFrom(0.3, 49.6, 50, -1, 300);
    fc.assert(
      fc.property(grids, fc.boolean(), fc.boolean(), isovalues, (shape, normals, closed, iso) => {
        const isovalue = shape[4] === "floats" ? iso / 100 : iso;
        const grid = build(shape);
        const slow = isosurface(grid, { isovalue, normals, closed, kernel: "typescript" });
        const fast = inWasm(grid, isovalue, normals, closed);
        expect(fast.positions).toEqual(slow.positions);
        expect(fast.indices).toEqual(slow.indices);
        expect(fast.normals).toEqual(slow.normals ?? new Float32Array(0));
      }),
      { seed: 20261120, numRuns: 120 },
    );
  });

  test("as what runs unless told, from the size on at which its memory is small", () => {
    const grid = build([64, 5, 5, 1, "floats"]);
    expect(fitsWasmKernel(grid, true, false)).toBe(false);
    const large = sample(64, (x, y, z) => 0.7 - Math.hypot(x, y, z));
    expect(fitsWasmKernel(large, true, false)).toBe(true);
    expect(isosurface(large)).toEqual(isosurface(large, { kernel: "typescript" }));
  });

  test("is small", () => {
    // Base64 is four characters for three bytes.
    expect((SLAB_WASM.length * 3) / 4).toBeLessThan(20_000);
  });

  test("finds the same samples that are not finite", () => {
    for (const closed of [false, true]) {
      for (const at of [0, 13, 26]) {
        const data = new Float32Array(27).fill(1, 0, 14);
        data[at] = Number.NaN;
        const grid: VoxelGrid = { data, dims: [3, 3, 3], spacing: [1, 1, 1], origin: [0, 0, 0] };
        const messageOf = (work: () => object): string | undefined => {
          try {
            work();
            return undefined;
          } catch (error) {
            return /at (?:index )?(\d+)$/.exec((error as Error).message)![1];
          }
        };
        const slow = messageOf(() => isosurface(grid, { closed, kernel: "typescript" }));
        expect(messageOf(() => inWasm(grid, 0.5, true, closed))).toBe(slow);
        if (slow !== undefined) expect(slow).toBe(String(at));
      }
    }
  });
});

describe("errors", () => {
  const grid = cells([1, 0, 0, 0, 0, 0, 0, 0], [2, 2, 2]);
  test("what is no grid", () => {
    const data = new Float64Array(8) as unknown as Float32Array;
    expect(() => isosurface({ ...grid, data })).toThrow(TypeError);
    expect(() => isosurface({ ...grid, dims: [2, 2, 3] })).toThrow("isosurface: expected data");
    expect(() => isosurface({ ...grid, dims: [2, 2, 0] })).toThrow(RangeError);
    expect(() => isosurface({ ...grid, spacing: [1, 0, 1] })).toThrow("spacing above 0");
    expect(() => isosurface({ ...grid, origin: [0, 0, Number.NaN] })).toThrow("finite origin");
    expect(() => isosurface(grid, { isovalue: Number.NaN })).toThrow("finite isovalue");
  });

  test.each([Number.NaN, Infinity, -Infinity])("%f beside the surface", (value) => {
    const data = Float32Array.from([1, value, 0, 0, 0, 0, 0, 0]);
    const other = Float32Array.from([0, value, 0, 0, 0, 0, 0, 0]);
    const bad = { ...grid, data: value > 0 ? other : data };
    expect(() => isosurface(bad)).toThrow("isosurface: expected finite data, got");
    expect(() => isosurface(bad)).toThrow("at index 1");
  });
});

import { isosurface, type VoxelGrid } from "@headform/volume";
import { afterEach, expect, test, vi } from "vitest";

type ArrayConstructor = new (...args: unknown[]) => { readonly byteLength: number };

/**
 * All bytes of arrays and of WebAssembly's memory that are made meanwhile, whether or not they are kept;
 * but arrays below a kilobyte, which come and go where a cell's surface is put together.
 */
function bytesMadeBy(work: () => void): number {
  let bytes = 0;
  const counted = (original: ArrayConstructor, sizeOf: (made: never) => number) =>
    new Proxy(original, {
      construct(target, args) {
        const made = Reflect.construct(target, args) as { readonly buffer?: ArrayBuffer };
        // A view on a buffer takes nothing.
        const size = args[0] instanceof ArrayBuffer ? 0 : sizeOf(made as never);
        if (size >= 1024) bytes += size;
        return made;
      },
    });
  const arrays = [Float32Array, Float64Array, Int8Array, Int16Array, Int32Array, Uint8Array];
  for (const array of [...arrays, Uint16Array, Uint32Array]) {
    vi.stubGlobal(
      array.name,
      counted(array as unknown as ArrayConstructor, (made: Uint8Array) => made.byteLength),
    );
  }
  const { Memory, ...others } = Object.fromEntries(
    ["Memory", "Instance", "Module", "validate"].map((name) => [
      name,
      (globalThis as unknown as { WebAssembly: Record<string, unknown> }).WebAssembly[name],
    ]),
  );
  vi.stubGlobal("WebAssembly", {
    ...others,
    Memory: counted(
      Memory as ArrayConstructor,
      (made: { readonly buffer: ArrayBuffer }) => made.buffer.byteLength,
    ),
  });
  work();
  vi.unstubAllGlobals();
  return bytes;
}

afterEach(() => {
  vi.unstubAllGlobals();
});

const BALL = (x: number, y: number, z: number): number => 1.3 - Math.hypot(x, y, z);
const NOISE = (x: number, y: number, z: number): number =>
  Math.sin(37 * x + 91 * y * y) * Math.cos(53 * z + 17 * x * y);

function volume(side: number, value: typeof BALL, kind: "floats" | "bytes"): VoxelGrid {
  const step = 2 / (side - 1);
  const data = kind === "floats" ? new Float32Array(side ** 3) : new Uint8Array(side ** 3);
  for (let i = 0; i < data.length; i++) {
    const x = i % side;
    const y = Math.floor(i / side) % side;
    const sample = value(x * step - 1, y * step - 1, Math.floor(i / side ** 2) * step - 1);
    data[i] = kind === "floats" ? sample : Math.min(255, Math.max(0, 128 + 300 * sample));
  }
  return { data, dims: [side, side, side], spacing: [step, step, step], origin: [-1, -1, -1] };
}

for (const kernel of ["auto", "typescript"] as const) {
  test.each([
    [24, BALL, "floats"],
    [24, NOISE, "bytes"],
    [48, BALL, "floats"],
    [40, NOISE, "bytes"],
    [96, BALL, "floats"],
    [96, BALL, "bytes"],
  ] as const)(`no more than the mesh and a byte per cell (${kernel}): %i³`, (side, value, kind) => {
    const grid = volume(side, value, kind);
    for (const closed of [false, true]) {
      let output = 0;
      const bytes = bytesMadeBy(() => {
        const isovalue = kind === "bytes" ? 128 : 0;
        const mesh = isosurface(grid, { kernel, closed, isovalue });
        output = mesh.positions.byteLength + mesh.normals!.byteLength + mesh.indices.byteLength;
      });
      expect(output).toBeGreaterThan(0);
      expect(bytes).toBeGreaterThanOrEqual(output);
      expect(bytes).toBeLessThanOrEqual(output + (side + (closed ? 1 : -1)) ** 3);
    }
  });
}

import { createAmbiguousCells } from "./ambiguous-cells.ts";
import type { SlabKernel, SurfaceArrays } from "./slab-kernel.ts";
import type { SliceWindow } from "./slice-window.ts";

/**
 * The surface, in arrays of its size: slab by slab, once to count and once to fill. What the ambiguous
 * cells add comes at the arrays' ends.
 *
 * @param broken is told a sample beside the surface that is not finite, as index into the window
 */
export function march(
  window: SliceWindow,
  isovalue: number,
  kernel: SlabKernel,
  withNormals: boolean,
  broken: (index: number) => never,
): SurfaceArrays {
  const depth = window.dims[2];
  const ambiguous = createAmbiguousCells(window, isovalue);
  // 1. Count.
  for (let z = -1; z + 1 < depth; z++) {
    window.load(z, z + 1);
    kernel.count(z, ambiguous.count);
  }
  // 2. Make room.
  const plain = kernel.counted();
  const more = ambiguous.counted();
  const size = 3 * (plain.vertices + more.vertices);
  const out: SurfaceArrays = {
    positions: new Float32Array(size),
    normals: new Float32Array(withNormals ? size : 0),
    indices: new Uint32Array(plain.indices + more.indices),
  };
  // 3. Fill.
  const fillAmbiguous = ambiguous.fillInto(out, plain);
  for (let z = -1; z + 1 < depth; z++) {
    kernel.fill(z, out, fillAmbiguous);
    if (kernel.broken() >= 0) broken(kernel.broken());
  }
  return out;
}

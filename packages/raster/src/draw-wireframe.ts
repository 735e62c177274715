import type { Image } from "@headform/mesh";
import { checkPicture } from "./picture.ts";
import { type Color, rgbCopy, stroke } from "./stroke.ts";

export interface DrawWireframeOptions {
  /** [V] 0 where a vertex is hidden; an edge needs both its ends. Absent: every edge. */
  readonly visibility?: Uint8Array;
  /** sRGB bytes. */
  readonly color?: Color;
  /** Half the width of a line, pixels. */
  readonly radius?: number;
  /** 0…1. */
  readonly opacity?: number;
}

export const DRAW_WIREFRAME_DEFAULTS: {
  readonly color: Color;
  readonly radius: number;
  readonly opacity: number;
} = { color: [96, 232, 255], radius: 0.35, opacity: 0.7 };

/**
 * Draws the edges of a mesh on a copy of a picture, each once.
 *
 * @param image the picture below.
 * @param positions [V×3] u, v, z on the screen, as `projectPoints` gives them.
 * @param indices [F×3] triangles.
 * @returns RGB.
 * @throws RangeError when a length does not fit or an index is ≥ V.
 */
export function drawWireframe(
  image: Image,
  positions: Float32Array | Float64Array,
  indices: Uint32Array,
  options: DrawWireframeOptions = {},
): Image {
  const { color, radius, opacity, visibility } = { ...DRAW_WIREFRAME_DEFAULTS, ...options };
  checkPicture("drawWireframe", image);
  const count = positions.length / 3;
  if (visibility && visibility.length !== count) {
    throw new RangeError(
      `drawWireframe: expected visibility [${count}], got ${visibility.length} numbers`,
    );
  }
  const bad = indices.findIndex((index) => index >= count);
  if (bad >= 0) {
    throw new RangeError(
      `drawWireframe: expected indices below ${count}, got ${indices[bad]} at ${bad}`,
    );
  }
  const canvas = rgbCopy(image);
  const drawn = new Set<number>();
  for (let i = 0; i < indices.length; i++) {
    const a = indices[i];
    const b = indices[i % 3 === 2 ? i - 2 : i + 1];
    if (visibility && !(visibility[a] && visibility[b])) continue;
    const edge = Math.min(a, b) * count + Math.max(a, b);
    if (drawn.has(edge)) continue;
    drawn.add(edge);
    const [ax, ay] = [positions[3 * a], positions[3 * a + 1]];
    const [bx, by] = [positions[3 * b], positions[3 * b + 1]];
    stroke(canvas, ax, ay, bx, by, radius, color, opacity);
  }
  return canvas;
}

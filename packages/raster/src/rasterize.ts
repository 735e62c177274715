// Corners are snapped to 1/1024 pixel, as graphics hardware does: edge functions are then whole
// numbers below 2⁵³, exact in doubles, and neighboring triangles neither overlap nor leave gaps.

/** What each pixel sees: the result of `rasterize`. */
export interface Fragments {
  readonly width: number;
  readonly height: number;
  /** [H×W] triangle seen at the pixel center, −1 where there is none. */
  readonly triangles: Int32Array;
  /** [H×W×3] barycentric coordinates of that point; meaningless where there is no triangle. */
  readonly barycentrics: Float32Array;
  /** [H×W] interpolated z, larger = nearer; −Infinity where there is no triangle. */
  readonly depth: Float32Array;
}

export interface RasterizeInput {
  /** [V×3] u, v in pixels (y down) and z, larger = nearer. */
  readonly positions: Float32Array | Float64Array;
  /** [F×3] counter-clockwise from outside as seen on the screen. */
  readonly indices: Uint32Array;
  readonly width: number;
  readonly height: number;
  /** [V] distance to the eye plane: makes z and barycentrics perspective-correct. */
  readonly w?: Float32Array | Float64Array;
  /** Whether triangles seen from inside are skipped. */
  readonly cull?: "back" | "none";
}

const SUBPIXELS = 1024;
const HALF = SUBPIXELS / 2;
/** Corners farther out than this would overflow the exact range. */
const GUARD = 32768;

/**
 * Finds the nearest triangle at every pixel center, with barycentrics and depth.
 *
 * A pixel belongs to a triangle when its center lies inside; a center exactly on an edge belongs
 * to the triangle whose top or left edge it is, so that a closed surface covers each pixel once
 * per layer. Triangles with a corner that is not finite, lies 32768 or more pixels away, or has
 * w ≤ 0, are not drawn. Of equally near triangles the first is kept.
 *
 * @param input screen positions [V×3] and triangles [F×3].
 * @param out fragments of the same size to reuse.
 * @throws RangeError when lengths or sizes do not fit together or an index is ≥ V.
 */
export function rasterize(input: RasterizeInput, out?: Fragments): Fragments {
  const { positions, indices, width, height, w, cull = "none" } = input;
  checkInput(input, out);
  const fragments = out ?? {
    width,
    height,
    triangles: new Int32Array(width * height),
    barycentrics: new Float32Array(width * height * 3),
    depth: new Float32Array(width * height),
  };
  fragments.triangles.fill(-1);
  fragments.depth.fill(Number.NEGATIVE_INFINITY);
  drawTriangles(fragments, positions, indices, w, cull === "back");
  return fragments;
}

function drawTriangles(
  out: Fragments,
  positions: Float32Array | Float64Array,
  indices: Uint32Array,
  w: Float32Array | Float64Array | undefined,
  cullBack: boolean,
): void {
  const { width, height, triangles, barycentrics, depth } = out;
  const count = indices.length;
  for (let f = 0, t = 0; f < count; f += 3, t++) {
    // 1. Corners, turned so that the area is positive. On a screen with y down the front side,
    //    counter-clockwise to the eye, has a negative area.
    const ia = indices[f];
    let ib = indices[f + 1];
    let ic = indices[f + 2];
    const ax = Math.round(positions[3 * ia] * SUBPIXELS);
    const ay = Math.round(positions[3 * ia + 1] * SUBPIXELS);
    let bx = Math.round(positions[3 * ib] * SUBPIXELS);
    let by = Math.round(positions[3 * ib + 1] * SUBPIXELS);
    let cx = Math.round(positions[3 * ic] * SUBPIXELS);
    let cy = Math.round(positions[3 * ic + 1] * SUBPIXELS);
    let area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax);
    const front = area < 0;
    if (area === 0 || (cullBack && !front)) continue;
    if (front) {
      let swap = bx;
      bx = cx;
      cx = swap;
      swap = by;
      by = cy;
      cy = swap;
      swap = ib;
      ib = ic;
      ic = swap;
      area = -area;
    }

    // 2. Pixels whose centers can lie inside.
    const minX = Math.min(ax, bx, cx);
    const maxX = Math.max(ax, bx, cx);
    const minY = Math.min(ay, by, cy);
    const maxY = Math.max(ay, by, cy);
    const limit = GUARD * SUBPIXELS;
    if (!(minX > -limit && maxX < limit && minY > -limit && maxY < limit)) continue;
    const x0 = Math.max(0, Math.ceil((minX - HALF) / SUBPIXELS));
    const x1 = Math.min(width - 1, Math.floor((maxX - HALF) / SUBPIXELS));
    const y0 = Math.max(0, Math.ceil((minY - HALF) / SUBPIXELS));
    const y1 = Math.min(height - 1, Math.floor((maxY - HALF) / SUBPIXELS));
    if (x0 > x1 || y0 > y1) continue;

    let wa = 1;
    let wb = 1;
    let wc = 1;
    if (w) {
      if (!(w[ia] > 0 && w[ib] > 0 && w[ic] > 0)) continue;
      wa = 1 / w[ia];
      wb = 1 / w[ib];
      wc = 1 / w[ic];
    }

    // 3. Edge functions at the first center: e is twice the area opposite of its corner. Edges
    //    that are neither top nor left give away their own points: one unit less, still exact.
    const abX = bx - ax;
    const abY = by - ay;
    const bcX = cx - bx;
    const bcY = cy - by;
    const caX = ax - cx;
    const caY = ay - cy;
    const biasA = bcY < 0 || (bcY === 0 && bcX > 0) ? 0 : 1;
    const biasB = caY < 0 || (caY === 0 && caX > 0) ? 0 : 1;
    const biasC = abY < 0 || (abY === 0 && abX > 0) ? 0 : 1;
    const px = x0 * SUBPIXELS + HALF;
    const py = y0 * SUBPIXELS + HALF;
    let rowA = bcX * (py - by) - bcY * (px - bx) - biasA;
    let rowB = caX * (py - cy) - caY * (px - cx) - biasB;
    let rowC = abX * (py - ay) - abY * (px - ax) - biasC;
    const stepA = bcY * SUBPIXELS;
    const stepB = caY * SUBPIXELS;
    const stepC = abY * SUBPIXELS;

    const za = positions[3 * ia + 2];
    const zb = positions[3 * ib + 2];
    const zc = positions[3 * ic + 2];
    const inverse = 1 / area;
    const offsetB = front ? 2 : 1;
    const offsetC = 3 - offsetB;

    // 4. Rows; the inside of a row is one run.
    for (let y = y0; y <= y1; y++) {
      let eA = rowA;
      let eB = rowB;
      let eC = rowC;
      let inside = false;
      const end = y * width + x1;
      for (let i = y * width + x0; i <= end; i++) {
        if (eA >= 0 && eB >= 0 && eC >= 0) {
          inside = true;
          let a = (eA + biasA) * inverse;
          let b = (eB + biasB) * inverse;
          let c = (eC + biasC) * inverse;
          if (w) {
            a *= wa;
            b *= wb;
            c *= wc;
            const sum = 1 / (a + b + c);
            a *= sum;
            b *= sum;
            c *= sum;
          }
          const z = a * za + b * zb + c * zc;
          if (z > depth[i]) {
            depth[i] = z;
            triangles[i] = t;
            const k = 3 * i;
            barycentrics[k] = a;
            barycentrics[k + offsetB] = b;
            barycentrics[k + offsetC] = c;
          }
        } else if (inside) break;
        eA -= stepA;
        eB -= stepB;
        eC -= stepC;
      }
      rowA += bcX * SUBPIXELS;
      rowB += caX * SUBPIXELS;
      rowC += abX * SUBPIXELS;
    }
  }
}

function checkInput(input: RasterizeInput, out: Fragments | undefined): void {
  const { positions, indices, width, height, w } = input;
  if (!Number.isInteger(width) || !Number.isInteger(height) || width < 1 || height < 1) {
    throw new RangeError(`rasterize: expected a size of whole pixels, got ${width}×${height}`);
  }
  if (width >= GUARD || height >= GUARD) {
    throw new RangeError(`rasterize: expected sides below ${GUARD}, got ${width}×${height}`);
  }
  if (positions.length % 3 !== 0) {
    throw new RangeError(`rasterize: expected positions [V×3], got ${positions.length} numbers`);
  }
  if (indices.length % 3 !== 0) {
    throw new RangeError(`rasterize: expected indices [F×3], got ${indices.length} numbers`);
  }
  const vertices = positions.length / 3;
  if (w && w.length !== vertices) {
    throw new RangeError(`rasterize: expected w [${vertices}], got ${w.length} numbers`);
  }
  for (let k = 0; k < indices.length; k++) {
    if (indices[k] >= vertices) {
      throw new RangeError(
        `rasterize: expected indices below ${vertices}, got ${indices[k]} at ${k}`,
      );
    }
  }
  if (out && (out.width !== width || out.height !== height)) {
    throw new RangeError(
      `rasterize: expected out of ${width}×${height}, got ${out.width}×${out.height}`,
    );
  }
}

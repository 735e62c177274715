import type { Image } from "@headform/mesh";
import type { Crop } from "@headform/raster";
import type { Reconstructor } from "./create-reconstructor.ts";
import { type Look, look } from "./look.ts";
import { addTimings } from "./look-at-face.ts";

/**
 * Other crops of the same face: side relative to the first, and turn in radians. The network errs
 * differently in each, so their pixels together place the head better than one crop's: on the
 * measuring photos they take a thirtieth off the error, on held-out synthetic people a fiftieth.
 */
const ASIDE: readonly (readonly [scale: number, turn: number])[] = [
  [1.1, 0.15],
  [0.95, -0.15],
  [1.1, -0.15],
  [0.95, 0.15],
];

/** Crops looked at in all, unless told. */
export const VIEWS: number = ASIDE.length + 1;

/** Pixels taken of each of several views: together more than of one, for hardly more time. */
export const VIEW_PIXELS = 300;

/**
 * Looks at a face through crops that are a little larger, smaller and turned. Private to the package.
 *
 * @param crop the crop that was looked at already
 * @param views how many crops in all, 1 to 5
 * @param timings where the time is added
 */
export async function lookAround(
  reconstructor: Reconstructor,
  image: Image,
  crop: Crop,
  options: {
    readonly views?: number;
    readonly mirrored?: boolean;
    readonly signal?: { throwIfAborted(): void };
  },
  timings: Record<string, number>,
): Promise<Look[]> {
  const { views = VIEWS, mirrored = true, signal } = options;
  const looks: Look[] = [];
  for (const [scale, turn] of ASIDE.slice(0, Math.max(0, views - 1))) {
    const aside = { ...crop, side: scale * crop.side, rotation: crop.rotation + turn };
    const seen = await look(reconstructor, image, aside, mirrored);
    signal?.throwIfAborted();
    addTimings(timings, seen.timings);
    looks.push(seen);
  }
  return looks;
}

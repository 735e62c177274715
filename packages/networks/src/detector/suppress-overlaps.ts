import type { Box } from "@headform/raster";
import type { Detection } from "./detection.ts";

/**
 * Keeps the best of detections that overlap, greedily by descending score: one is dropped when its
 * intersection with a kept one is more than `limit` of the smaller of the two areas, so that a part
 * of a face inside a whole one goes, too.
 *
 * @param limit share of the smaller area, 0…1
 * @returns best first
 */
export function suppressOverlaps(detections: readonly Detection[], limit: number): Detection[] {
  const kept: Detection[] = [];
  for (const candidate of [...detections].sort((a, b) => b.score - a.score)) {
    if (kept.every((better) => overlap(candidate.box, better.box) <= limit)) kept.push(candidate);
  }
  return kept;
}

/** Intersection over the smaller area. */
function overlap(a: Box, b: Box): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  if (width <= 0 || height <= 0) return 0;
  return (width * height) / Math.min(a.width * a.height, b.width * b.height);
}

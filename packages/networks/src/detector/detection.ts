import type { DetectorManifest } from "@headform/inference";
import type { Box } from "@headform/raster";

/** A face that was found. */
export interface Detection {
  /** Bounding box of its 68 landmarks, hidden ones included; photo pixels. */
  readonly box: Box;
  /** Confidence in [0, 1]. */
  readonly score: number;
  /** How far the head's up axis is turned counter-clockwise, as seen, from the photo's up; radians. */
  readonly roll?: number;
  /** [5×2] eyes, nose tip and mouth corners, where the network gives them; photo pixels. */
  readonly points?: Float64Array;
}

/** What finding faces needs of a manifest; a user's own network may come with this alone. */
export type DetectorFormat = Pick<DetectorManifest, "input" | "outputs" | "threshold" | "nms">;

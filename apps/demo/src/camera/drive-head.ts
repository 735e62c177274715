import type { Ask } from "../ask-worker.ts";
import { PageFailure } from "../page-failure.ts";
import type { TrackedHead } from "../protocol.ts";

export interface DriveOptions {
  /** The next frame of the camera. */
  readonly frame: () => Promise<ImageBitmap>;
  /** Told of each frame with a face, and how many a second come. */
  readonly onHead: (head: TrackedHead, rate: number) => void;
  /** Told when the face is lost, until it is back. */
  readonly onLost: () => void;
  readonly signal: AbortSignal;
}

/** Share of the newest frame in the shown rate. */
const FRESH = 0.2;

/**
 * Lets the camera drive the head, one frame at a time, until told to stop.
 *
 * @throws PageFailure for anything but a frame without a face
 */
export async function driveHead(ask: Ask, options: DriveOptions): Promise<void> {
  const { frame, onHead, onLost, signal } = options;
  let rate = 0;
  while (!signal.aborted) {
    const start = performance.now();
    try {
      const head = await ask({ kind: "track", frame: await frame() });
      if (signal.aborted) return;
      const now = 1000 / (performance.now() - start);
      rate = rate === 0 ? now : rate + FRESH * (now - rate);
      onHead(head, rate);
    } catch (error) {
      if (!(error instanceof PageFailure) || error.failure.code !== "no-face") throw error;
      onLost();
    }
    // The screen has its turn, and a hidden page rests.
    await new Promise((resolve) => requestAnimationFrame(resolve));
  }
}

import type { Ask } from "./ask-worker.ts";
import type { Coefficients, PosedHead } from "./protocol.ts";

/**
 * Makes what poses the head by ever newer coefficients: while the worker is at one pose, only the
 * newest of those that come meanwhile waits.
 *
 * @param onPose told of each pose
 * @returns resolves when the newest is posed, or at once when that is another call's task
 */
export function createPoser(
  ask: Ask,
  onPose: (pose: PosedHead) => void,
): (coefficients: Coefficients) => Promise<void> {
  let newest: Coefficients;
  let busy = false;
  return async (coefficients) => {
    newest = coefficients;
    if (busy) return;
    busy = true;
    try {
      let posed: Coefficients | undefined;
      while (posed !== newest) {
        posed = newest;
        const { shape, expression } = posed;
        onPose(await ask({ kind: "pose", shape, expression }));
      }
    } finally {
      busy = false;
    }
  };
}

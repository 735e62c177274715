import { SELF_TEST_INPUT, SELF_TEST_NETWORK, SELF_TEST_OUTPUT } from "./self-test-network.ts";
import type { Session } from "./session.ts";
import { createTensor } from "./tensor.ts";

/** What the self-test of a backend found. */
export interface SelfTest {
  /** Whether the results can be trusted: `error` is at most {@link SELF_TEST_TOLERANCE}. */
  readonly ok: boolean;
  /** Largest difference from PyTorch's float64 result, whose values are of size 1; NaN when one is. */
  readonly error: number;
  /** Fastest of three runs. */
  readonly milliseconds: number;
}

/**
 * Largest error a backend may show. In float32 the test's sums leave 1e-6; GPUs that round to
 * float16 on the way leave some 1e-3; backends known to be wrong are off by 0.1 and more.
 */
export const SELF_TEST_TOLERANCE = 5e-3;

const RUNS = 3;

/**
 * Runs a tiny network of the operations headform's networks use and compares with PyTorch's result.
 *
 * @param open loads a network: a backend's `createSession`
 * @throws InferenceError when the backend cannot load or run it
 */
export async function selfTest(open: (model: Uint8Array) => Promise<Session>): Promise<SelfTest> {
  const session = await open(fromBase64(SELF_TEST_NETWORK));
  try {
    const image = createTensor("float32", [1, 3, 16, 16], floats(SELF_TEST_INPUT));
    const expected = floats(SELF_TEST_OUTPUT);
    let error = 0;
    let milliseconds = Number.POSITIVE_INFINITY;
    for (let run = 0; run < RUNS; run++) {
      const start = performance.now();
      const { planes } = await session.run({ image });
      milliseconds = Math.min(milliseconds, performance.now() - start);
      const data = planes.data as Float32Array;
      // NaN stays NaN through Math.max.
      for (let i = 0; i < expected.length; i++) {
        error = Math.max(error, Math.abs(data[i] - expected[i]));
      }
    }
    return { ok: error <= SELF_TEST_TOLERANCE, error, milliseconds };
  } finally {
    await session.release();
  }
}

function floats(text: string): Float32Array<ArrayBuffer> {
  return new Float32Array(fromBase64(text).buffer);
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

import { type SelfTest, selfTest } from "./self-test.ts";
import type { BackendAttempt, Session } from "./session.ts";

/** Backends that compute on the processor, by code whose results are the same everywhere. */
const TRUSTED: readonly string[] = ["cpu", "wasm"];

/**
 * Decides whether a backend may be used: those of the processor as they are, any other by its
 * self-test.
 *
 * @throws InferenceError when the backend cannot load or run the test's network
 */
export async function tryBackend(
  name: string,
  createSession: (model: Uint8Array) => Promise<Session>,
): Promise<BackendAttempt> {
  if (TRUSTED.includes(name)) return { name, ok: true };
  const result: SelfTest = await selfTest(createSession);
  if (result.ok) return { name, ok: true, selfTest: result };
  return {
    name,
    ok: false,
    reason: `its results are wrong by ${result.error.toPrecision(2)} in the self-test`,
    selfTest: result,
  };
}

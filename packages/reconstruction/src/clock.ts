/** Every platform has it; the language's own type library does not. */
declare const performance: { now(): number };

/** Milliseconds since some fixed moment. */
export function now(): number {
  return performance.now();
}

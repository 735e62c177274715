export type { ErrorNormalization, NormalizedMeanErrorOptions } from "./normalized-mean-error.ts";
export { normalizedMeanError } from "./normalized-mean-error.ts";

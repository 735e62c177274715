import { InferenceError } from "./inference-error.ts";

/** What JSON calls an object, nothing known of its fields. */
export type Fields = Record<string, unknown>;

export function asObject(value: unknown, field: string): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    fail(field, "an object", value);
  }
  return value as Fields;
}

export function asList(value: unknown, field: string): readonly unknown[] {
  if (!Array.isArray(value) || value.length === 0)
    fail(field, "a list with something in it", value);
  return value as readonly unknown[];
}

export function asText(value: unknown, field: string): string {
  if (typeof value !== "string" || value === "") fail(field, "a text", value);
  return value as string;
}

export function asChoice(value: unknown, field: string, choices: readonly string[]): string {
  if (!choices.includes(value as string)) fail(field, choices.join(" or "), value);
  return value as string;
}

export function asNumber(value: unknown, field: string, least: number): number {
  if (typeof value !== "number" || !Number.isFinite(value) || value < least) {
    fail(field, least === Number.MIN_VALUE ? "a number > 0" : `a number ≥ ${least}`, value);
  }
  return value as number;
}

export function asNumbers(value: unknown, field: string, length?: number): readonly number[] {
  const list = asList(value, field);
  if (length !== undefined && list.length !== length) fail(field, `${length} numbers`, list);
  for (const item of list) asNumber(item, field, Number.NEGATIVE_INFINITY);
  return list as readonly number[];
}

export function fail(field: string, expected: string, got: unknown): never {
  throw new InferenceError(
    "manifest",
    `readManifest: ${field}: expected ${expected}, got ${JSON.stringify(got)}`,
    { field },
  );
}

import { checkDigest, isInferenceError } from "@headform/inference";
import { expect, test } from "vitest";

// The published SHA-256 of "abc" (FIPS 180-2, appendix B.1).
const abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
const bytes = new TextEncoder().encode("abc");

test("accepts the right digest in either case", async () => {
  await checkDigest(bytes, abc);
  await checkDigest(bytes, abc.toUpperCase());
});

test("names the file whose bytes differ", async () => {
  const error = await checkDigest(bytes.slice(1), abc, "dense.onnx").catch((e: unknown) => e);
  expect(isInferenceError(error) && error.code).toBe("digest");
  expect((error as Error).message).toContain("dense.onnx");
});

test("refuses what is not a digest", async () => {
  await expect(checkDigest(bytes, "abc")).rejects.toThrow(TypeError);
});

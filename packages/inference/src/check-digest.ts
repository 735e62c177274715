import { InferenceError } from "./inference-error.ts";
import { sha256 as digest } from "./sha256.ts";

/**
 * Throws unless the SHA-256 of the bytes is the expected one.
 *
 * @param sha256 64 hexadecimal digits, either case
 * @param name what the message calls the bytes, e.g. a file name
 * @throws InferenceError with code `"digest"` when they differ
 * @throws TypeError when `sha256` is not 64 hexadecimal digits
 */
export async function checkDigest(bytes: Uint8Array, sha256: string, name = "data"): Promise<void> {
  if (!/^[0-9a-f]{64}$/i.test(sha256)) {
    throw new TypeError(`checkDigest: expected 64 hexadecimal digits, got "${sha256}"`);
  }
  const found = await digest(bytes);
  if (found !== sha256.toLowerCase()) {
    throw new InferenceError(
      "digest",
      `checkDigest: expected ${name} with SHA-256 ${sha256}, got ${found} (${bytes.byteLength} bytes): the file was altered or cut; install it again`,
      { field: name },
    );
  }
}

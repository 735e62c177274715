/** Rounds to the nearest byte, saturating. Private to the package. */
export function toByte(values: Float32Array): Uint8Array {
  // The clamped array rounds and saturates natively; its buffer is handed on as plain bytes.
  const clamped = new Uint8ClampedArray(values);
  return new Uint8Array(clamped.buffer);
}

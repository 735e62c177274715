/** The buffers inside of a message, to be handed over instead of copied. */
export function buffersOf(value: unknown, found: ArrayBuffer[] = []): ArrayBuffer[] {
  if (ArrayBuffer.isView(value)) {
    const { buffer } = value;
    if (buffer instanceof ArrayBuffer && !found.includes(buffer)) found.push(buffer);
  } else if (value && typeof value === "object" && Object.getPrototypeOf(value) !== null) {
    for (const inner of Object.values(value)) buffersOf(inner, found);
  }
  return found;
}

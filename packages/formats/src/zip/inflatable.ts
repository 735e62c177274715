/** Compressed parts of a small file may stand for this many bytes, whatever its size. */
const ALWAYS = 2 ** 26;

/** Models compress to about a half; long runs of zeros inside them, to less. */
const RATIO = 16;

/**
 * Most bytes that a file's compressed parts may stand for together, unless the caller allows more:
 * 64 MiB and sixteen times the file. It keeps the time of proving them, which grows with what they
 * stand for, in proportion to the file.
 */
export function inflatable(fileSize: number): number {
  return ALWAYS + RATIO * fileSize;
}

/**
 * Equal rows made one: `rows` in the order of first appearance, and the row each input row became.
 *
 * @param values [N×width] finite numbers; −0 counts as 0
 */
export function joinRows(
  values: Float32Array,
  width: number,
): { rows: Float32Array; indices: Uint32Array } {
  const indices = new Uint32Array(values.length / width);
  const rows = values.map((value) => value + 0);
  const bits = new Uint32Array(rows.buffer);
  // Open addressing over the bits of a row; a slot holds a row's number + 1.
  let size = 4;
  while (size < 2 * indices.length) size *= 2;
  const slots = new Uint32Array(size);
  let count = 0;
  for (let i = 0; i < indices.length; i++) {
    let slot = hashRow(bits, width * i, width) & (size - 1);
    while (slots[slot] !== 0 && !sameRow(bits, width * (slots[slot]! - 1), width * i, width)) {
      slot = (slot + 1) & (size - 1);
    }
    if (slots[slot] === 0) {
      // New rows never outnumber the ones read, so they move down within the same array.
      bits.copyWithin(width * count, width * i, width * (i + 1));
      slots[slot] = ++count;
    }
    indices[i] = slots[slot]! - 1;
  }
  return { rows: rows.slice(0, width * count), indices };
}

/** FNV's step per word, then mixed, because nearby floats differ in their low bits only. */
function hashRow(bits: Uint32Array, start: number, width: number): number {
  let hash = 0x811c9dc5;
  for (let j = 0; j < width; j++) {
    hash = Math.imul(hash ^ bits[start + j]!, 0x01000193);
    hash ^= hash >>> 15;
  }
  hash = Math.imul(hash, 0x85ebca6b);
  return hash ^ (hash >>> 13);
}

function sameRow(bits: Uint32Array, a: number, b: number, width: number): boolean {
  for (let j = 0; j < width; j++) if (bits[a + j] !== bits[b + j]) return false;
  return true;
}

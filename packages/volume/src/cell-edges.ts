/** [6×4] corners of each face 2·axis + side, counter-clockwise seen from outside of the cell. */
export const FACE_CORNERS: readonly (readonly number[])[] = [0, 1, 2].flatMap((axis) => {
  const u = 1 << ((axis + 1) % 3);
  const v = 1 << ((axis + 2) % 3);
  const high = [0, u, u | v, v].map((corner) => corner | (1 << axis));
  return [[0, v, u | v, u], high];
});

/** The two corners of an edge. */
export function cornersOf(edge: number): [number, number] {
  const axis = edge >> 2;
  const [p, q] = axis === 0 ? [1, 2] : axis === 1 ? [0, 2] : [0, 1];
  const low = ((edge & 1) << p!) | (((edge >> 1) & 1) << q!);
  return [low, low | (1 << axis)];
}

/** Number of the edge between two neighboring corners. */
export function edgeBetween(a: number, b: number): number {
  const axis = Math.log2(a ^ b);
  const low = a & b;
  const [p, q] = axis === 0 ? [1, 2] : axis === 1 ? [0, 2] : [0, 1];
  return 4 * axis + ((low >> p!) & 1) + 2 * ((low >> q!) & 1);
}

/** [3] middle of an edge in a cell of side 2. */
export function middleOf(edge: number): number[] {
  const axis = edge >> 2;
  const middle = [2 * (edge & 1), edge & 2];
  middle.splice(axis, 0, 1);
  return middle;
}

/** Whether both edges' middles lie in one face of the cell. */
export function isInOneFace(first: number, second: number): boolean {
  const [a, b] = [middleOf(first), middleOf(second)];
  return a.some((value, axis) => value !== 1 && value === b[axis]);
}

/** Between the middles of two edges. */
export function distanceBetween(first: number, second: number): number {
  const [a, b] = [middleOf(first), middleOf(second)];
  return Math.hypot(...a.map((value, axis) => value - b[axis]!));
}

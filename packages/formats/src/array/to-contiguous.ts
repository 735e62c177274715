import { gather } from "./gather.ts";
import { type ArrayData, countOf, sizeOf, type Tensor } from "./nd-array.ts";
import { viewElements } from "./view-elements.ts";

/**
 * The elements of a tensor in C order: a view of the file where they lie so and aligned, else a copy.
 *
 * @param tensor a tensor of {@link Tensor} whose window lies inside its storage, as readers leave it
 * @throws {RangeError} when the window lies outside the storage
 */
export function toContiguous(tensor: Tensor): ArrayData {
  const { dtype, shape, strides, offset, storage } = tensor;
  const size = sizeOf(dtype);
  const count = countOf(shape);
  if (!isInside(tensor)) {
    throw new RangeError(`toContiguous: expected a tensor inside its storage, got [${shape}]`);
  }
  if (isContiguous(shape, strides)) {
    return viewElements(storage.subarray(offset * size, (offset + count) * size), dtype);
  }
  // Only the bytes between the first and the last element, should they have to move to be aligned.
  const span = count === 0 ? 0 : 1 + farthest(shape, strides);
  const source = viewElements(storage.subarray(offset * size, (offset + span) * size), dtype);
  return gather(source, dtype, shape, strides, 0);
}

/** Whether all elements of a window lie in its storage. */
export function isInside({ dtype, shape, strides, offset, storage }: Tensor): boolean {
  if (shape.length !== strides.length || offset < 0) return false;
  if (countOf(shape) === 0) return offset * sizeOf(dtype) <= storage.length;
  return (offset + farthest(shape, strides) + 1) * sizeOf(dtype) <= storage.length;
}

function farthest(shape: readonly number[], strides: readonly number[]): number {
  return shape.reduce((sum, size, axis) => sum + (size - 1) * strides[axis]!, 0);
}

function isContiguous(shape: readonly number[], strides: readonly number[]): boolean {
  let expected = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis]! > 1 && strides[axis] !== expected) return false;
    expected *= shape[axis]!;
  }
  return true;
}

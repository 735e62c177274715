import type { Image } from "./image.ts";
import type { Mesh } from "./mesh.ts";

/**
 * Throws unless a mesh is what its type promises: lengths that agree, indices in range, numbers that
 * are finite, morph targets with distinct names.
 *
 * @param mesh the mesh to check
 * @param caller the public function that asks, to name in the message
 * @throws {TypeError} when an array is of another type, or the unit is unknown
 * @throws {RangeError} when a length, an index, a number or a name is wrong; the first bad index is named
 */
export function checkMesh(mesh: Mesh, caller = "checkMesh"): void {
  const { positions, indices, normals, uvs, uvIndices, colors, texture, morphTargets } = mesh;
  if (mesh.unit !== "m" && mesh.unit !== "mm" && mesh.unit !== "none") {
    throw new TypeError(`${caller}: expected unit "m", "mm" or "none", got ${String(mesh.unit)}`);
  }
  const fail = (message: string): never => {
    throw new RangeError(`${caller}: expected ${message}`);
  };
  checkType(positions, Float32Array, "positions", caller);
  checkType(indices, Uint32Array, "indices", caller);
  if (positions.length % 3 !== 0) fail(`positions [V×3], got ${positions.length} numbers`);
  if (indices.length % 3 !== 0) fail(`indices [F×3], got ${indices.length} numbers`);
  const vertexCount = positions.length / 3;
  checkFinite(positions, "positions", fail);
  checkIndices(indices, vertexCount, "indices", fail);

  if (normals) {
    checkType(normals, Float32Array, "normals", caller);
    if (normals.length !== positions.length)
      fail(`normals [${vertexCount}×3], got ${normals.length} numbers`);
    checkFinite(normals, "normals", fail);
  }
  if (colors) {
    checkType(colors, Uint8Array, "colors", caller);
    if (colors.length !== positions.length)
      fail(`colors [${vertexCount}×3], got ${colors.length} numbers`);
  }
  if (uvs) {
    checkType(uvs, Float32Array, "uvs", caller);
    if (uvs.length % 2 !== 0) fail(`uvs [T×2], got ${uvs.length} numbers`);
    if (!uvIndices && uvs.length !== 2 * vertexCount) {
      fail(`uvs [${vertexCount}×2] where there are no uvIndices, got ${uvs.length} numbers`);
    }
    checkFinite(uvs, "uvs", fail);
  }
  if (uvIndices) {
    checkType(uvIndices, Uint32Array, "uvIndices", caller);
    if (!uvs) throw new RangeError(`${caller}: expected uvs beside uvIndices, got none`);
    if (uvIndices.length !== indices.length) {
      fail(`uvIndices [${indices.length / 3}×3], got ${uvIndices.length} numbers`);
    }
    checkIndices(uvIndices, uvs.length / 2, "uvIndices", fail);
  }
  if (texture) {
    if (!uvs) fail("uvs beside a texture, got none");
    checkImage(texture, caller);
  }

  const names = new Set<string>();
  for (const { name, offsets, weight } of morphTargets ?? []) {
    checkType(offsets, Float32Array, `morph target "${name}"`, caller);
    if (offsets.length !== positions.length) {
      fail(`morph target "${name}" [${vertexCount}×3], got ${offsets.length} numbers`);
    }
    checkFinite(offsets, `morph target "${name}"`, fail);
    if (!Number.isFinite(weight)) fail(`a finite weight for morph target "${name}", got ${weight}`);
    if (names.has(name)) fail(`distinct morph target names, got "${name}" twice`);
    names.add(name);
  }
}

/**
 * Throws unless an image's data are as long as its size says.
 *
 * @param image the image to check
 * @param caller the public function that asks, to name in the message
 * @throws {TypeError} when the data are not bytes
 * @throws {RangeError} when a size is not a whole number above zero, or the data's length disagrees
 */
export function checkImage(image: Image, caller = "checkImage"): void {
  const { width, height, channels, data } = image;
  checkType(data, Uint8Array, "image data", caller);
  if (!(Number.isInteger(width) && Number.isInteger(height) && width > 0 && height > 0)) {
    throw new RangeError(`${caller}: expected a width and height above 0, got ${width}×${height}`);
  }
  if (channels !== 1 && channels !== 3 && channels !== 4) {
    throw new RangeError(`${caller}: expected 1, 3 or 4 channels, got ${channels as number}`);
  }
  if (data.length !== width * height * channels) {
    throw new RangeError(
      `${caller}: expected ${width}×${height}×${channels} bytes of image data, got ${data.length}`,
    );
  }
}

function checkType(
  array: unknown,
  type: { readonly name: string; readonly prototype: object },
  what: string,
  caller: string,
): void {
  // By tag, not instanceof: an array may come from another realm (a worker, a test's sandbox).
  const got = Object.prototype.toString.call(array).slice(8, -1);
  if (got !== type.name)
    throw new TypeError(`${caller}: expected ${what} as ${type.name}, got ${got}`);
}

function checkFinite(values: Float32Array, what: string, fail: (message: string) => never): void {
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i])) fail(`finite ${what}, got ${values[i]} at index ${i}`);
  }
}

function checkIndices(
  indices: Uint32Array,
  count: number,
  what: string,
  fail: (message: string) => never,
): void {
  for (let i = 0; i < indices.length; i++) {
    if (indices[i]! >= count) fail(`${what} below ${count}, got ${indices[i]} at index ${i}`);
  }
}

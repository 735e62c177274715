import { createTensor } from "@headform/inference";
import {
  averageMirrored,
  type DenseMaps,
  mirrorInput,
  mirrorMaps,
} from "@headform/networks/pix2face";
import { createRandom } from "@headform/testing";
import { expect, test } from "vitest";

function randomMaps(seed: number, width = 5, height = 3): DenseMaps {
  const random = createRandom(seed);
  const numbers = (n: number): Float32Array => Float32Array.from({ length: n }, random);
  const size = width * height;
  return {
    width,
    height,
    unit: "m",
    pncc: numbers(3 * size),
    offset: numbers(3 * size),
    visible: numbers(size),
    face: numbers(size),
    expectedError: numbers(size),
  };
}

test("mirroring twice changes nothing", () => {
  const maps = randomMaps(1);
  expect(mirrorMaps(mirrorMaps(maps))).toEqual(maps);
  const input = createTensor("float32", [1, 3, 2, 5], randomMaps(2).offset.slice(0, 30));
  expect(mirrorInput(mirrorInput(input))).toEqual(input);
});

test("mirroring reverses columns and negates x", () => {
  const maps = randomMaps(3);
  const mirrored = mirrorMaps(maps);
  const from = 3 * (1 * 5 + 4);
  const to = 3 * (1 * 5 + 0);
  expect(Array.from(mirrored.pncc.slice(to, to + 3))).toEqual([
    -maps.pncc[from]!,
    maps.pncc[from + 1],
    maps.pncc[from + 2],
  ]);
  expect(mirrored.visible[5]).toBe(maps.visible[9]);
  expect(mirrored.expectedError![5]).toBe(maps.expectedError![9]);
  const input = createTensor("float32", [1, 1, 2, 2], Float32Array.from([1, 2, 3, 4]));
  expect(Array.from(mirrorInput(input).data)).toEqual([2, 1, 4, 3]);
});

test("a network that commutes with mirroring is left as it is", () => {
  const maps = randomMaps(4);
  const average = averageMirrored(maps, mirrorMaps(maps));
  // Half of a float32 plus itself is exact.
  expect(average).toEqual(maps);
});

test("where one view has no face at all, the other's positions are taken whole", () => {
  const maps = randomMaps(5);
  const blind = { ...mirrorMaps(maps), face: new Float32Array(15), pncc: new Float32Array(45) };
  const average = averageMirrored(maps, blind);
  expect(average.pncc).toEqual(maps.pncc);
  expect(average.face[7]).toBe(maps.face[7]! / 2);
});

test("refuses what does not fit", () => {
  expect(() => averageMirrored(randomMaps(1), randomMaps(1, 4))).toThrow(RangeError);
  expect(() => averageMirrored(randomMaps(1), { ...randomMaps(1), unit: "mm" })).toThrow(
    RangeError,
  );
  expect(() => mirrorInput(createTensor("float32", [3, 2]))).toThrow(RangeError);
  expect(() => mirrorInput(createTensor("uint8", [1, 1, 2, 2]))).toThrow(RangeError);
});

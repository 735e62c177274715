import { createTensor, type Tensor } from "@headform/inference";
import { decodeDetections } from "@headform/networks/detector";
import { expect, test } from "vitest";

/** Planes of a 6×4 grid with the given cells set. */
function planes(
  cells: readonly { i: number; j: number; logit: number; code?: readonly number[] }[],
): Record<string, Tensor> {
  const heatmap = createTensor("float32", [1, 1, 4, 6], new Float32Array(24).fill(-9));
  const box = createTensor("float32", [1, 6, 4, 6]);
  for (const { i, j, logit, code = [] } of cells) {
    heatmap.data[j * 6 + i] = logit;
    code.forEach((value, k) => {
      box.data[k * 24 + j * 6 + i] = value;
    });
  }
  return { heatmap, box };
}

test("reads center, size and roll of a cell", () => {
  const code = [0.25, -0.5, Math.log(2), 0, Math.sin(0.3), Math.cos(0.3)];
  const [face, ...others] = decodeDetections(planes([{ i: 2, j: 1, logit: 1, code }]), {
    stride: 8,
    threshold: 0.5,
  });
  expect(others).toEqual([]);
  // Center (8·2.75, 8·1), size (64, 32); float32 codes.
  expect(face!.box.x).toBeCloseTo(22 - 32, 4);
  expect(face!.box.y).toBeCloseTo(8 - 16, 4);
  expect(face!.box.width).toBeCloseTo(64, 4);
  expect(face!.box.height).toBeCloseTo(32, 4);
  expect(face!.score).toBeCloseTo(1 / (1 + Math.exp(-1)), 12);
  expect(face!.roll).toBeCloseTo(0.3, 6);
});

test("keeps peaks only, best first, at the border, too", () => {
  const found = decodeDetections(
    planes([
      { i: 0, j: 0, logit: 1 },
      { i: 1, j: 1, logit: 0.9 },
      { i: 5, j: 3, logit: 2 },
      { i: 3, j: 3, logit: -0.1 },
    ]),
    { stride: 8, threshold: 0.5 },
  );
  expect(found.map(({ box }) => [box.x + 16, box.y + 16])).toEqual([
    [44, 28],
    [4, 4],
  ]);
});

test("refuses missing planes and other shapes", () => {
  const options = { stride: 8, threshold: 0.5 };
  const { heatmap, box } = planes([]);
  expect(() => decodeDetections({ heatmap: heatmap! }, options)).toThrow(RangeError);
  const other = createTensor("float32", [1, 4, 4, 6]);
  expect(() => decodeDetections({ heatmap: heatmap!, box: other }, options)).toThrow(
    "got [1,1,4,6] and [1,4,4,6]",
  );
  expect(() => decodeDetections({ heatmap: box!, box: box! }, options)).toThrow(RangeError);
});

import { createTensor } from "@headform/inference";
import {
  type DenseFormat,
  decodeMaps,
  PIX2FACE_BFM,
  PIX2FACE_NECKLESS,
} from "@headform/networks/pix2face";
import { expect, test } from "vitest";

const format: Pick<DenseFormat, "output"> = {
  output: {
    name: "planes",
    width: 2,
    height: 1,
    channels: [
      "amodal-logit",
      "visible-logit",
      "pncc.x",
      "pncc.y",
      "pncc.z",
      "offset.x",
      "offset.y",
      "offset.z",
    ],
    pncc: { min: [-0.1, -0.2, 0], max: [0.1, 0.2, 0.4] },
    offset: { min: [-0.02, -0.02, -0.02], max: [0.02, 0.02, 0.04] },
    unit: "m",
  },
};

test("maps [-1, 1] onto the boxes and logits onto probabilities", () => {
  const planes = createTensor(
    "float32",
    [1, 8, 1, 2],
    Float32Array.from([0, 20, 0, -20, -1, 1, 0, 0.5, 0, 1, 1, -1, 0, 0, 0, -1]),
  );
  const maps = decodeMaps(planes, format);
  expect([maps.width, maps.height, maps.unit]).toEqual([2, 1, "m"]);
  const near = (values: Float32Array, expected: number[]): void => {
    expect(values.length).toBe(expected.length);
    // float32 of numbers below 1.
    expected.forEach((value, i) => {
      expect(values[i]).toBeCloseTo(value, 6);
    });
  };
  near(maps.pncc, [-0.1, 0, 0.2, 0.1, 0.1, 0.4]);
  near(maps.offset, [0.02, 0, 0.01, -0.02, 0, -0.02]);
  near(maps.face, [0.5, 1]);
  near(maps.visible, [0.5, 0]);
});

test("confidence is the logarithm of the expected error; other planes change nothing", () => {
  const channels = [...format.output.channels];
  channels.splice(2, 0, "confidence", "uv.u");
  const wide = { output: { ...format.output, channels } };
  const values = [0, 20, 0, -20, -1, 1, 0, 0.5, 0, 1, 1, -1, 0, 0, 0, -1];
  const more = [...values.slice(0, 4), Math.log(0.004), 0, 7, 7, ...values.slice(4)];
  const maps = decodeMaps(createTensor("float32", [1, 10, 1, 2], Float32Array.from(more)), wide);
  const { expectedError, ...rest } = maps;
  const plain = createTensor("float32", [1, 8, 1, 2], Float32Array.from(values));
  expect(rest).toEqual(decodeMaps(plain, format));
  // float32.
  expect(expectedError![0]).toBeCloseTo(0.004, 7);
  expect(expectedError![1]).toBe(1);
});

/** Planes of the published network that decode to the given PNCC at each pixel. */
function publishedPlanes(size: number, pncc: (x: number, y: number) => number[]): Float32Array {
  const { min, max } = PIX2FACE_BFM.output.pncc;
  const planes = new Float32Array(6 * size * size);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      pncc(x, y).forEach((value, k) => {
        const raw = (2 * value - max[k]! - min[k]!) / (max[k]! - min[k]!);
        planes[k * size * size + y * size + x] = raw;
      });
    }
  }
  return planes;
}

test("rejects the published network's background: within 10 mm of the origin, and next to it", () => {
  const size = 8;
  // Face everywhere but in the upper left 2×2 pixels and in the last column; 10.5 mm is still face.
  const isFace = (x: number, y: number): boolean => !(x < 2 && y < 2) && x < size - 1;
  const planes = publishedPlanes(size, (x, y) => (isFace(x, y) ? [0, 10.5, 0] : [0, 0, 9.5]));
  const small = { output: { ...PIX2FACE_BFM.output, width: size, height: size } };
  const maps = decodeMaps(createTensor("float32", [1, 6, size, size], planes), small);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const expected = !(x < 3 && y < 3) && x < size - 2 ? 1 : 0;
      expect(maps.visible[y * size + x], `pixel ${x}, ${y}`).toBe(expected);
    }
  }
  expect(maps.face).toEqual(maps.visible);
  expect(maps.unit).toBe("mm");
});

test("the published network's background target is the origin", () => {
  // As the released code has it: raw (0, 0.1304, -0.7143).
  const raw = [0, 0.1304, -0.7143];
  const { min, max } = PIX2FACE_BFM.output.pncc;
  raw.forEach((value, k) => {
    // Half the span is 115 mm at most, so four digits leave 0.01 mm.
    const decoded = (value * (max[k]! - min[k]!)) / 2 + (max[k]! + min[k]!) / 2;
    expect(Math.abs(decoded)).toBeLessThan(0.02);
  });
  expect(PIX2FACE_NECKLESS.output.offset.max).toEqual([20, 20, 20]);
});

test("refuses another shape or type", () => {
  expect(() => decodeMaps(createTensor("float32", [1, 6, 1, 2]), format)).toThrow(
    "decodeMaps: expected float32 [1,8,1,2], got float32 [1,6,1,2]",
  );
  expect(() => decodeMaps(createTensor("float16", [1, 8, 1, 2]), format)).toThrow(RangeError);
});

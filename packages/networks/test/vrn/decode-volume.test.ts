import { createTensor, type VolumeManifest } from "@headform/inference";
import { averageMirroredVolume, decodeHeatmaps, decodeVolume } from "@headform/networks/vrn";
import { describe, expect, test } from "vitest";

const output: VolumeManifest["output"] = {
  name: "volume",
  dims: [2, 1, 3],
  spacing: [1, 1, 0.5],
  nearest: "last",
  values: "probability",
};
const planes = createTensor("float32", [1, 3, 1, 2], Float32Array.of(0.1, 0.2, 0.3, 0.4, 0.5, 0.6));

describe("decodeVolume", () => {
  test("probabilities as they are, the first sample half a step from the corner", () => {
    expect(decodeVolume(planes, { output })).toEqual({
      data: planes.data,
      dims: [2, 1, 3],
      spacing: [1, 1, 0.5],
      origin: [0.5, 0.5, 0.25],
    });
  });

  test("logits through the logistic function, softly", () => {
    const logits = createTensor("float32", [1, 3, 1, 2], Float32Array.of(-99, -2, 0, 0.1, 3, 99));
    const { data } = decodeVolume(logits, { output: { ...output, values: "logit" } });
    const expected = [0, 0.119203, 0.5, 0.524979, 0.952574, 1];
    for (const [i, value] of expected.entries()) expect(data[i]).toBeCloseTo(value, 6);
  });

  test("the viewer at the first plane: layers are turned round", () => {
    const { data } = decodeVolume(planes, { output: { ...output, nearest: "first" } });
    expect([...data]).toEqual([...Float32Array.of(0.5, 0.6, 0.3, 0.4, 0.1, 0.2)]);
  });

  test("another shape or type", () => {
    const wrong = createTensor("float32", [1, 2, 1, 3]);
    expect(() => decodeVolume(wrong, { output })).toThrow(
      "expected float32 [1,3,1,2], got float32 [1,2,1,3]",
    );
    const bytes = createTensor("uint8", [1, 3, 1, 2]);
    expect(() => decodeVolume(bytes, { output })).toThrow("got uint8");
  });
});

test("averageMirroredVolume turns the columns back", () => {
  const volume = decodeVolume(planes, { output });
  const { data } = averageMirroredVolume(volume, volume);
  const expected = [0.15, 0.15, 0.35, 0.35, 0.55, 0.55];
  for (const [i, value] of expected.entries()) expect(data[i]).toBeCloseTo(value, 6);
  const other = { ...volume, dims: [1, 2, 3] as const };
  expect(() => averageMirroredVolume(volume, other)).toThrow("expected 2×1×3, got 1×2×3");
});

describe("decodeHeatmaps", () => {
  const manifest = {
    input: {
      ...{ name: "image", layout: "NCHW", channels: "RGB", range: [0, 1] },
      ...{ width: 192, height: 192 },
    } as VolumeManifest["input"],
    output: { ...output, landmarks: { name: "landmarks", width: 32, height: 32 } },
  };

  test("finds the middle of Gaussians between the pixels", () => {
    const heatmaps = createTensor("float32", [1, 68, 32, 32]);
    const place = (n: number): [number, number] => [4 + 0.3 * n, 20 - 0.2 * n];
    for (let n = 0; n < 68; n++) {
      const [u, v] = place(n);
      for (let i = 0; i < 1024; i++) {
        const squared = ((i % 32) + 0.5 - u) ** 2 + (Math.floor(i / 32) + 0.5 - v) ** 2;
        heatmaps.data[1024 * n + i] = Math.exp(-squared / 2);
      }
    }
    const points = decodeHeatmaps(heatmaps, manifest);
    for (let n = 0; n < 68; n++) {
      const [u, v] = place(n);
      // The window of five pixels cuts a Gaussian unevenly: an eighth of a pixel of the map.
      expect(Math.abs(points[2 * n]! - 6 * u)).toBeLessThan(0.75);
      expect(Math.abs(points[2 * n + 1]! - 6 * v)).toBeLessThan(0.75);
    }
  });

  test("a map of nothing is its first pixel; another shape is refused", () => {
    const none = createTensor("float32", [1, 68, 32, 32]);
    expect([...decodeHeatmaps(none, manifest).subarray(0, 2)]).toEqual([3, 3]);
    const wrong = createTensor("float32", [1, 67, 32, 32]);
    expect(() => decodeHeatmaps(wrong, manifest)).toThrow("expected float32 [1,68,32,32]");
  });
});

import { type SafetensorsTensor, writeSafetensors } from "@headform/formats/safetensors";
import { isMorphableModelError, readHead } from "@headform/morphable-model";
import { describe, expect, test } from "vitest";

type Parts = { tensors: Map<string, SafetensorsTensor>; metadata: Record<string, string> };

/** Two triangles, two shapes, one expression. */
function parts(): Parts {
  const f32 = (shape: number[], values: number[]): SafetensorsTensor => ({
    dtype: "F32",
    shape,
    data: Float32Array.from(values),
  });
  const u16 = (shape: number[], values: number[]): SafetensorsTensor => ({
    dtype: "U16",
    shape,
    data: Uint16Array.from(values),
  });
  // 1.0 and −0.5 as float16.
  const halves = (shape: number[], count: number): SafetensorsTensor => ({
    dtype: "F16",
    shape,
    data: Uint16Array.from({ length: count }, (_, i) => (i % 2 ? 0xb800 : 0x3c00)),
  });
  return {
    tensors: new Map([
      ["mean", f32([4, 3], [0, 0, 0, 1, 0, 0, 0, 1, 0, 1, 1, 0])],
      ["triangles", u16([2, 3], [0, 1, 2, 1, 3, 2])],
      ["uvs", f32([5, 2], [0, 0, 1, 0, 0, 1, 1, 1, 0.5, 0.5])],
      ["uvTriangles", u16([2, 3], [0, 1, 2, 1, 3, 4])],
      ["shapeBasis", halves([2, 4, 3], 24)],
      ["expressionBasis", halves([1, 4, 3], 12)],
      ["landmarkTriangles", u16([1], [1])],
      ["landmarkBarycentrics", f32([1, 3], [0.5, 0.25, 0.25])],
      ["mirror", u16([4], [1, 0, 3, 2])],
      ["regions", { dtype: "U8", shape: [4], data: Uint8Array.of(0, 0, 1, 1) }],
      ["albedo", { dtype: "U8", shape: [1, 2, 3], data: Uint8Array.of(1, 2, 3, 4, 5, 6) }],
    ]),
    metadata: {
      format: "headform-head",
      version: "9.8.7",
      licence: "MIT",
      unit: "m",
      expressionNames: '["jawOpen"]',
      regionNames: '["faceSkin","neck"]',
      shapeStandardDeviations: "[1,1]",
      expressionStandardDeviations: "[0.5]",
    },
  };
}

function read({ tensors, metadata }: Parts): ReturnType<typeof readHead> {
  return readHead(writeSafetensors(tensors, metadata));
}

describe("readHead", () => {
  test("reads every tensor and name", () => {
    const head = read(parts());
    expect(head.version).toBe("9.8.7");
    expect(head.unit).toBe("m");
    expect([...head.mean.subarray(3, 6)]).toEqual([1, 0, 0]);
    expect([...head.indices]).toEqual([0, 1, 2, 1, 3, 2]);
    expect([...(head.uvIndices ?? [])]).toEqual([0, 1, 2, 1, 3, 4]);
    expect(head.shapeBasis.length).toBe(24);
    expect([...head.shapeBasis.subarray(0, 2)]).toEqual([1, -0.5]);
    expect(head.expressionNames).toEqual(["jawOpen"]);
    expect([...head.expressionStandardDeviations]).toEqual([0.5]);
    expect([...(head.mirror ?? [])]).toEqual([1, 0, 3, 2]);
    expect(head.regionNames?.[head.regions?.[3] ?? 0]).toBe("neck");
    expect(head.albedo).toEqual({
      width: 2,
      height: 1,
      channels: 3,
      data: Uint8Array.of(1, 2, 3, 4, 5, 6),
    });
  });

  test("does without albedo", () => {
    const file = parts();
    file.tensors.delete("albedo");
    expect(read(file).albedo).toBeUndefined();
  });

  const breakages: [string, (file: Parts) => void, string][] = [
    [
      "another format",
      (f) => {
        f.metadata.format = "x";
      },
      "format is x",
    ],
    [
      "a missing tensor",
      (f) => {
        f.tensors.delete("mirror");
      },
      "mirror is missing",
    ],
    [
      "an index beyond the vertices",
      (f) => {
        (f.tensors.get("triangles")?.data as Uint16Array)[3] = 4;
      },
      "triangles holds 4",
    ],
    [
      "a number that is not finite",
      (f) => {
        (f.tensors.get("mean")?.data as Float32Array)[2] = Number.NaN;
      },
      "mean holds NaN",
    ],
    [
      "a name too many",
      (f) => {
        f.metadata.expressionNames = '["a","b"]';
      },
      "2 names",
    ],
    [
      "names that are no list",
      (f) => {
        f.metadata.regionNames = "{";
      },
      "regionNames",
    ],
    [
      "a list of others",
      (f) => {
        f.metadata.regionNames = "[1]";
      },
      "list of strings",
    ],
    [
      "a deviation of 0",
      (f) => {
        f.metadata.shapeStandardDeviations = "[1,0]";
      },
      "2 positive numbers",
    ],
    [
      "an unknown unit",
      (f) => {
        f.metadata.unit = "inch";
      },
      "unit is inch",
    ],
    [
      "a basis of another mesh",
      (f) => {
        f.tensors.set("shapeBasis", {
          dtype: "F16",
          shape: [2, 3, 3],
          data: new Uint16Array(18),
        });
      },
      "shapeBasis has shape 2×3×3",
    ],
    [
      "gray albedo",
      (f) => {
        f.tensors.set("albedo", { dtype: "U8", shape: [2, 2, 1], data: new Uint8Array(4) });
      },
      "albedo is U8 of 2×2×1",
    ],
    [
      "fractions for indices",
      (f) => {
        f.tensors.set("mirror", { dtype: "F32", shape: [4], data: new Float32Array(4) });
      },
      "mirror is F32",
    ],
  ];
  test.each(breakages)("refuses %s", (_, damage, message) => {
    const file = parts();
    damage(file);
    expect(() => read(file)).toThrow(message);
    try {
      read(file);
    } catch (error) {
      expect(isMorphableModelError(error) && error.code).toBe("bad-file");
    }
  });

  test("refuses bytes that are no such file, and keeps the cause", () => {
    expect(() => readHead(new Uint8Array(20))).toThrow(
      expect.objectContaining({ code: "bad-file", cause: expect.any(Error) }),
    );
  });
});

describe("readHead, skins and outline", () => {
  const rich = (): Parts => {
    const { tensors, metadata } = parts();
    const bytes = (count: number): Int8Array => Int8Array.from({ length: count }, (_, i) => i - 10);
    tensors.set("albedo", { dtype: "U8", shape: [4, 4, 3], data: new Uint8Array(48) });
    tensors.set("skinBasis", { dtype: "I8", shape: [2, 2, 2, 3], data: bytes(24) });
    tensors.set("eyeBasis", { dtype: "I8", shape: [1, 2, 2, 3], data: bytes(12) });
    const data = new Uint16Array(34).fill(1);
    tensors.set("contourTriangles", { dtype: "U16", shape: [2, 17], data });
    const thirds = new Float32Array(102).fill(1 / 3);
    tensors.set("contourBarycentrics", { dtype: "F32", shape: [2, 17, 3], data: thirds });
    Object.assign(metadata, {
      ...{ skinScales: "[2,0.5]", skinRange: "[-1,1,-2,2]", eyeScales: "[3]" },
      ...{ eyeNames: '["blue"]', eyeOrigin: "[1,2]", contourYaws: "[-1,1]" },
    });
    return { tensors, metadata };
  };

  test("are read, modes in bytes of color", () => {
    const { albedoModes, contour } = read(rich());
    expect([...albedoModes!.skin.basis.subarray(11, 13)]).toEqual([2, 1]);
    expect(albedoModes!.skin.rectangle).toEqual([0, 0, 4, 4]);
    expect(albedoModes!.eyes).toMatchObject({ width: 2, height: 2, rectangle: [1, 2, 2, 2] });
    expect(albedoModes!.eyes.basis[0]).toBe(-30);
    expect(contour!.yaws).toEqual(Float32Array.of(-1, 1));
    expect(contour!.triangles.length).toBe(34);
  });

  test.each([
    ["eyeOrigin", "[3,2]", /eyeBasis lies outside/],
    ["eyeOrigin", "[1,3]", /eyeBasis lies outside/],
    ["skinScales", "[2]", /skinBasis is too small/],
    ["skinRange", "[-1,1]", /skinBasis has shape/],
    ["contourYaws", "[1,-1]", /ascend/],
    ["contourYaws", "[1]", /ascend/],
    ["contourYaws", "[-1,0,1]", /contourTriangles has shape/],
  ] as const)("%s %s is refused", (key, value, message) => {
    const wrong = rich();
    wrong.metadata[key] = value;
    expect(() => read(wrong)).toThrow(message);
  });
});

import { createTensor } from "@headform/inference";
import {
  averageMirroredSurface,
  decodePixel3dmm,
  decodeSegmentation,
  decodeSurfaceMaps,
  FARL_CLASSES,
  SEGMENTS,
  type SurfaceMaps,
} from "@headform/networks/pixel3dmm";
import { describe, expect, test } from "vitest";

const CHANNELS = [
  "visible-logit",
  "uv.u",
  "uv.v",
  "normal.x",
  "normal.y",
  "normal.z",
  ...SEGMENTS.map((name) => `segment.${name}` as const),
  "confidence",
] as const;
const dense = (channels: readonly string[] = CHANNELS) => ({
  output: {
    name: "planes",
    width: 2,
    height: 1,
    channels: channels as never,
    pncc: { min: [0, 0, 0], max: [1, 1, 1] } as never,
    offset: { min: [0, 0, 0], max: [1, 1, 1] } as never,
    unit: "m" as const,
  },
});

describe("the default dense network's planes", () => {
  // Two pixels: skin seen straight on, and hair.
  const planes = createTensor("float32", [1, CHANNELS.length, 1, 2]);
  const set = (name: string, values: readonly [number, number]) => {
    planes.data.set(values, 2 * (CHANNELS as readonly string[]).indexOf(name));
  };
  set("visible-logit", [Math.log(3), 0]);
  set("uv.u", [0.4, 0.1]);
  set("uv.v", [0.6, 0.2]);
  set("normal.y", [3, 0]);
  set("normal.z", [4, -2]);
  set("segment.face", [10, 0]);
  set("segment.hair", [0, 10]);
  set("confidence", [Math.log(0.002), 0]);

  test("are uv, unit normals, mask, segments and expected error", () => {
    const maps = decodeSurfaceMaps(planes, dense());
    expect([...maps.uv]).toEqual([0.4, 0.6, 0.1, 0.2].map(Math.fround));
    [0, 0.6, 0.8, 0, 0, -1].forEach((value, i) => {
      expect(maps.normals[i]).toBeCloseTo(value, 6);
    });
    // Visible with 3/4; five segments that are no skin have e⁻¹⁰ of its weight each.
    expect(maps.mask[0]).toBeCloseTo((0.75 * (1 + 2 * Math.exp(-10))) / (1 + 7 * Math.exp(-10)), 5);
    expect(maps.mask[1]).toBeLessThan(0.01);
    expect([...maps.segments!]).toEqual([SEGMENTS.indexOf("face"), SEGMENTS.indexOf("hair")]);
    expect(maps.error![0]).toBeCloseTo(0.002, 6);
  });

  test("without segments and confidence the mask is what is visible", () => {
    const few = CHANNELS.slice(0, 6);
    const tensor = createTensor("float32", [1, 6, 1, 2], planes.data.slice(0, 12));
    const maps = decodeSurfaceMaps(tensor, dense(few));
    expect(maps.mask[1]).toBe(0.5);
    expect(maps.segments).toBeUndefined();
    expect(maps.error).toBeUndefined();
  });

  test("of another shape, or without uv, are refused by name", () => {
    expect(() => decodeSurfaceMaps(createTensor("float32", [1, 3, 1, 2]), dense())).toThrow(
      /expected float32 \[1,15,1,2\], got float32 \[1,3,1,2\]/,
    );
    const none = ["normal.x", "normal.y", "normal.z"];
    expect(() => decodeSurfaceMaps(createTensor("float32", [1, 3, 1, 2]), dense(none))).toThrow(
      /the plane uv\.u/,
    );
  });
});

test("a mirrored picture that is turned back agrees with the picture", () => {
  const maps: SurfaceMaps = {
    width: 2,
    height: 1,
    uv: Float32Array.of(0.25, 0.5, 0.75, 0.125),
    normals: Float32Array.of(0.6, 0, 0.8, 0, 1, 0),
    mask: Float32Array.of(1, 0.25),
  };
  const mirrored: SurfaceMaps = {
    ...maps,
    uv: Float32Array.of(0.25, 0.125, 0.75, 0.5),
    normals: Float32Array.of(0, 1, 0, -0.6, 0, 0.8),
    mask: Float32Array.of(0.25, 1),
  };
  const both = averageMirroredSurface(maps, mirrored);
  expect([...both.uv]).toEqual([...maps.uv]);
  expect([...both.mask]).toEqual([...maps.mask]);
  both.normals.forEach((value, i) => {
    expect(value).toBeCloseTo(maps.normals[i]!, 6);
  });
  expect(() => averageMirroredSurface(maps, { ...mirrored, width: 1 })).toThrow(RangeError);
});

describe("a published network's planes", () => {
  const uv = { name: "uv", width: 2, height: 1, channels: ["uv.u", "uv.v"] } as const;
  const normals = {
    ...{ name: "normals", width: 1, height: 1 },
    channels: ["normal.x", "normal.y", "normal.z"],
  } as const;

  test("uv in −1…1 become 0…1, clamped, with v up", () => {
    const maps = decodePixel3dmm(
      createTensor("float32", [1, 2, 1, 2], Float32Array.of(0, 2, 0.5, -3)),
      uv,
    );
    expect([...maps.uv!]).toEqual([0.5, 0.25, 1, 1]);
  });

  test("the mirrored picture's u is turned by the published constant", () => {
    const planes = createTensor("float32", [1, 2, 1, 2], Float32Array.of(0.2, -0.4, 0, 0));
    // Pixel 0's counterpart is pixel 1: −u + 0.015 is 0.2 again.
    const mirrored = createTensor("float32", [1, 2, 1, 2], Float32Array.of(0.415, -0.185, 0, 0));
    const maps = decodePixel3dmm(planes, uv, { mirrored });
    expect(maps.uv![0]).toBeCloseTo(0.6, 6);
    expect(maps.uv![2]).toBeCloseTo(0.3, 6);
  });

  test("normals are made unit and turned into FLAME's frame", () => {
    const maps = decodePixel3dmm(
      createTensor("float32", [1, 3, 1, 1], Float32Array.of(0, -6, -8)),
      normals,
    );
    [0, 0.8, 0.6].forEach((value, axis) => {
      expect(maps.normals![axis]).toBeCloseTo(value, 6);
    });
  });

  test("eight bits cut off what the published files cut off", () => {
    const maps = decodePixel3dmm(
      createTensor("float32", [1, 2, 1, 2], Float32Array.of(0, 0, 0, 0)),
      uv,
      {
        eightBit: true,
      },
    );
    expect(maps.uv![0]).toBeCloseTo(127 / 255, 6);
    expect(maps.uv![1]).toBeCloseTo(1 - 127 / 255, 6);
  });

  test("another shape is refused", () => {
    const planes = createTensor("float32", [1, 2, 1, 2]);
    expect(() => decodePixel3dmm(createTensor("float32", [1, 3, 1, 2]), uv)).toThrow(RangeError);
    const mirrored = createTensor("float32", [1, 2, 2, 1]);
    expect(() => decodePixel3dmm(planes, uv, { mirrored })).toThrow(/got float32 \[1,2,2,1\]/);
  });
});

describe("FaRL's classes", () => {
  const format = { name: "logits", width: 3, height: 1, classes: FARL_CLASSES };
  const logits = (...shown: (string | undefined)[]) =>
    createTensor(
      "float32",
      [1, FARL_CLASSES.length, 1, 3],
      Float32Array.from({ length: 3 * FARL_CLASSES.length }, (_, i) =>
        FARL_CLASSES[Math.floor(i / 3)] === shown[i % 3] ? 2 : shown[i % 3] ? -1 : 0,
      ),
    );
  const nameOf = (segment: number): string => SEGMENTS[segment]!;

  test("skin is face, brows, nose, lips, ears and neck; the rest is what it is", () => {
    expect(FARL_CLASSES).toHaveLength(19);
    const skin = FARL_CLASSES.filter((name) => {
      return decodeSegmentation(logits(name, "hair", "hair"), format).mask[0] === 1;
    });
    // Classes 1, 2, 4 to 7, 10, 12 and 13, as the published tracker takes them.
    expect(skin).toEqual(["neck", "face", "rr", "lr", "rb", "lb", "nose", "llip", "ulip"]);
    const { segments } = decodeSegmentation(logits("background", "imouth", "eyeg"), format);
    expect([...segments].map(nameOf)).toEqual(["background", "mouth", "other"]);
  });

  test("where it saw nothing is neither skin nor background, nor is a class of another name", () => {
    const { segments, mask } = decodeSegmentation(logits(undefined, "face", "re"), format);
    expect([...segments].map(nameOf)).toEqual(["other", "face", "eyes"]);
    expect([...mask]).toEqual([0, 1, 0]);
    const classes = FARL_CLASSES.map((name) => (name === "face" ? "toString" : name));
    const named = decodeSegmentation(logits("face", "face", "face"), { ...format, classes });
    expect(nameOf(named.segments[0]!)).toBe("other");
  });

  test("logits of another shape are refused", () => {
    const planes = createTensor("float32", [1, 2, 1, 3]);
    expect(() => decodeSegmentation(planes, format)).toThrow(
      "decodeSegmentation: expected float32 [1,19,1,3], got float32 [1,2,1,3]",
    );
  });
});

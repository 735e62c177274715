import { existsSync, readFileSync } from "node:fs";
import { createTensor, type Tensor } from "@headform/inference";
import { createBackend } from "@headform/inference/node";
import type { Image } from "@headform/mesh";
import { decodeYunet, detectFaces, YUNET } from "@headform/networks/detector";
import { sharedFolder } from "@headform/testing";
import sharp from "sharp";
import { describe, expect, test } from "vitest";

function blank(): Record<string, Tensor> {
  const outputs: Record<string, Tensor> = {};
  for (const stride of [8, 16, 32]) {
    const count = (64 / stride) ** 2;
    for (const [name, width] of [
      ["cls", 1],
      ["obj", 1],
      ["bbox", 4],
      ["kps", 10],
    ] as const) {
      outputs[`${name}_${stride}`] = createTensor("float32", [1, count, width]);
    }
  }
  return outputs;
}

test("reads a cell of stride 16: score, box without the forehead, points, roll", () => {
  const outputs = blank();
  const n = 2 * 4 + 1;
  const set = (name: string, values: readonly number[]): void => {
    (outputs[name]!.data as Float32Array).set(values, n * values.length);
  };
  set("cls_16", [0.9]);
  set("obj_16", [0.4]);
  set("bbox_16", [0.5, 0.25, Math.log(2), Math.log(2.5)]);
  set("kps_16", [-0.5, 0, 0.5, 0.5, 0, 0, 0, 0, 0, 0]);
  const [face] = decodeYunet(outputs, { width: 64, height: 64, threshold: 0.5 });
  expect(face!.score).toBeCloseTo(0.6, 6);
  // Center (16·1.5, 16·2.25), size (32, 40); a quarter of the height is cut from the top.
  expect(face!.box.x).toBeCloseTo(8, 4);
  expect(face!.box.y).toBeCloseTo(36 - 20 + 10, 4);
  expect(face!.box.width).toBeCloseTo(32, 4);
  expect(face!.box.height).toBeCloseTo(30, 4);
  expect(Array.from(face!.points!.slice(0, 4))).toEqual([8, 32, 24, 40]);
  // The eye on the picture's right is lower: the head leans clockwise.
  expect(face!.roll).toBeCloseTo(-Math.atan2(8, 16), 6);
});

test("refuses a missing output", () => {
  const options = { width: 64, height: 64, threshold: 0.5 };
  const { kps_32: _, ...outputs } = blank();
  expect(() => decodeYunet(outputs, options)).toThrow("expected float32 kps_32 with 40 numbers");
  expect(() => decodeYunet(blank(), { ...options, width: 640 })).toThrow(RangeError);
});

const model = sharedFolder("models/yunet");
const photos = sharedFolder("photos");

describe.skipIf(!model || !photos)("on photos (needs the shared YuNet and photos)", () => {
  const read = async (file: string): Promise<Image> => {
    const { data, info } = await sharp(file)
      .removeAlpha()
      .toColorspace("srgb")
      .raw()
      .toBuffer({ resolveWithObject: true });
    return { width: info.width, height: info.height, channels: 3, data: new Uint8Array(data) };
  };
  const open = async () =>
    (await createBackend({ threads: 1 })).createSession(
      readFileSync(`${model}/yunet_s_640_640.onnx`),
    );

  test("finds the face of each of the sixteen, where its landmarks are", async () => {
    const session = await open();
    const folder = `${photos}/aflw2000`;
    const truth = JSON.parse(readFileSync(`${folder}/landmarks.json`, "utf8")) as Record<
      string,
      { landmarks68: [number, number, number][] }
    >;
    let total = 0;
    for (const [name, { landmarks68 }] of Object.entries(truth)) {
      const [face] = await detectFaces(session, await read(`${folder}/${name}`), YUNET);
      expect(face, name).toBeDefined();
      // Published coordinates start at 1.
      const xs = landmarks68.map(([x]) => x - 0.5);
      const ys = landmarks68.map(([, y]) => y - 0.5);
      const [left, right] = [Math.min(...xs), Math.max(...xs)];
      const [top, bottom] = [Math.min(...ys), Math.max(...ys)];
      const { x, y, width, height } = face!.box;
      const shared =
        Math.max(0, Math.min(right, x + width) - Math.max(left, x)) *
        Math.max(0, Math.min(bottom, y + height) - Math.max(top, y));
      const overlap = shared / ((right - left) * (bottom - top) + width * height - shared);
      // What the dense network's crop forgives.
      expect(overlap, name).toBeGreaterThan(0.6);
      total += overlap;
    }
    // Measured 0.83; the forehead's share is what it depends on.
    expect(total / 16, "mean overlap").toBeGreaterThan(0.8);
    await session.release();
  });

  test("finds two faces in a photo of two", async () => {
    const file = `${photos}/unlabelled/trump_hillary.jpg`;
    if (!existsSync(file)) return;
    const session = await open();
    const faces = await detectFaces(session, await read(file), YUNET);
    expect(faces.length).toBe(2);
    await session.release();
  });
});

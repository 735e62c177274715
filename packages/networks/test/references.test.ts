import { existsSync, readFileSync } from "node:fs";
import { readManifest, type Session } from "@headform/inference";
import { createBackend } from "@headform/inference/node";
import type { Image } from "@headform/mesh";
import { decodePng } from "@headform/mesh/io";
import { detectFaces } from "@headform/networks/detector";
import { decodeMaps, prepareInput } from "@headform/networks/pix2face";
import { describe, expect, test } from "vitest";

// The shipped networks, by way of preparing, running and decoding, against what PyTorch computed of
// the same pictures. The references are written by the export scripts in training/.

const fixture = (name: string): URL => new URL(`./fixtures/${name}`, import.meta.url);
const data = (name: string): URL => new URL(`../../open-head/data/${name}`, import.meta.url);
const picture = (name: string): Image => decodePng(new Uint8Array(readFileSync(fixture(name))));
const complete = (...files: URL[]): boolean => files.every((file) => existsSync(file));
const open = async (name: string): Promise<Session> =>
  (await createBackend({ threads: 1 })).createSession(readFileSync(data(name)));

describe.skipIf(!complete(fixture("dense-reference.f32"), data("dense.json")))("dense", () => {
  test("planes and maps are PyTorch's", async () => {
    const manifest = readManifest(readFileSync(data("dense.json"), "utf8"));
    if (manifest.kind !== "dense") throw new Error("not a dense network");
    const image = picture("dense-reference.png");
    const bytes = readFileSync(fixture("dense-reference.f32"));
    const expected = new Float32Array(new Uint8Array(bytes).buffer);

    // The picture is the crop already.
    const side = image.width;
    const crop = { centerX: side / 2, centerY: side / 2, side, rotation: 0 };
    const session = await open("dense.onnx");
    const input = prepareInput(image, crop, manifest);
    const outputs = await session.run({ [manifest.input.name]: input });
    const planes = outputs[manifest.output.name]!;
    const found = planes.data as Float32Array;
    expect(found.length).toBe(expected.length);
    let worst = 0;
    for (let i = 0; i < found.length; i++) {
      worst = Math.max(worst, Math.abs(found[i]! - expected[i]!));
    }
    // Logits reach ±20; the file and PyTorch have the same int8 weights, and add up in another order.
    expect(worst).toBeLessThan(0.05);

    const maps = decodeMaps(planes, manifest);
    const { min, max } = manifest.output.pncc;
    const size = maps.width * maps.height;
    const plane = manifest.output.channels.indexOf("pncc.y");
    const visible = manifest.output.channels.indexOf("visible-logit");
    let seen = 0;
    for (let i = 0; i < size; i++) {
      if (expected[visible * size + i]! < 0) continue;
      seen++;
      const y = (expected[plane * size + i]! * (max[1] - min[1])) / 2 + (max[1] + min[1]) / 2;
      // A tenth of a millimetre: far below what the network itself knows.
      expect(Math.abs(maps.pncc[3 * i + 1]! - y)).toBeLessThan(1e-4);
      expect(maps.visible[i]).toBeGreaterThan(0.48);
    }
    expect(seen).toBeGreaterThan(size / 10);
    await session.release();
  });
});

interface DetectorReference {
  readonly threshold: number;
  readonly nms: number;
  readonly detections: readonly {
    readonly x: number;
    readonly y: number;
    readonly width: number;
    readonly height: number;
    readonly score: number;
    readonly roll: number;
  }[];
  readonly heatmap: { readonly logits: readonly number[] };
}

describe.skipIf(!complete(fixture("detector-reference.json"), data("detector.json")))(
  "detector",
  () => {
    test("heatmap and detections are PyTorch's", async () => {
      const manifest = readManifest(readFileSync(data("detector.json"), "utf8"));
      if (manifest.kind !== "detector") throw new Error("not a detector");
      const reference = JSON.parse(
        readFileSync(fixture("detector-reference.json"), "utf8"),
      ) as DetectorReference;
      const image = picture("detector-reference.png");
      const session = await open("detector.onnx");
      let heatmap: Float32Array | undefined;
      const watched: Session = {
        ...session,
        async run(feeds) {
          const outputs = await session.run(feeds);
          heatmap = outputs.heatmap!.data as Float32Array;
          return outputs;
        },
      };
      // One pass over the whole picture as it is.
      const { threshold, nms, detections } = reference;
      const sizes = [Math.max(image.width, image.height)];
      const found = await detectFaces(watched, image, manifest, { threshold, nms, sizes });
      reference.heatmap.logits.forEach((logit, i) => {
        // Written with four digits; the sums are in another order.
        expect(Math.abs(heatmap![i]! - logit)).toBeLessThan(0.02);
      });
      expect(found.length).toBe(detections.length);
      found.forEach(({ box, score, roll }, i) => {
        const expected = detections[i]!;
        for (const side of ["x", "y", "width", "height"] as const) {
          // The weights are the same; sums in another order move a box by less than hundredths of a pixel.
          expect(Math.abs(box[side] - expected[side])).toBeLessThan(0.2);
        }
        expect(Math.abs(score - expected.score)).toBeLessThan(0.01);
        expect(Math.abs(roll! - expected.roll)).toBeLessThan(0.02);
      });
      await session.release();
    });
  },
);

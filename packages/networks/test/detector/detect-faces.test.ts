import { createTensor, type Session, type Tensor } from "@headform/inference";
import type { Image } from "@headform/mesh";
import { type DetectorFormat, detectFaces } from "@headform/networks/detector";
import { expect, test } from "vitest";

const format: DetectorFormat = {
  input: {
    name: "image",
    layout: "NCHW",
    channels: "RGB",
    range: [0, 1],
    multipleOf: 32,
    sizes: [320, 640],
  },
  outputs: [
    { name: "heatmap", stride: 8 },
    { name: "box", stride: 8 },
  ],
  threshold: 0.5,
  nms: 0.4,
};

/** A network that sees one face, `size` input pixels large, in cell (i, j) of every picture. */
function stub(i: number, j: number, size: number): Session & { readonly seen: number[][] } {
  const seen: number[][] = [];
  return {
    inputNames: ["image"],
    outputNames: ["heatmap", "box"],
    inputs: [],
    backend: "stub",
    seen,
    async run({ image }): Promise<Record<string, Tensor>> {
      seen.push([...image!.dims]);
      const [height, width] = [image!.dims[2]! / 8, image!.dims[3]! / 8];
      const heatmap = createTensor("float32", [1, 1, height, width]);
      heatmap.data.fill(-9)[j * width + i] = 3;
      const box = createTensor("float32", [1, 6, height, width]);
      box.data.fill(Math.log(size / 32), 2 * width * height, 4 * width * height);
      return { heatmap, box };
    },
    release: async () => {},
  };
}

const photo = (width: number, height: number): Image => ({
  width,
  height,
  channels: 3,
  data: new Uint8Array(3 * width * height),
});

test("boxes are in photo pixels; a small photo is looked at once", async () => {
  const session = stub(10, 5, 40);
  const [face, ...others] = await detectFaces(session, photo(160, 100), format);
  // 160×100 becomes 320×200, padded to 320×224.
  expect(session.seen).toEqual([[1, 3, 224, 320]]);
  expect(others).toEqual([]);
  expect(face!.box.x).toBeCloseTo((84 - 20) / 2, 4);
  expect(face!.box.y).toBeCloseTo((44 - 20) / 2, 4);
  expect(face!.box.width).toBeCloseTo(20, 4);
});

test("a large photo is looked at twice, and the second look keeps small faces only", async () => {
  const small = stub(10, 5, 40);
  const found = await detectFaces(small, photo(1280, 640), format);
  expect(small.seen).toEqual([
    [1, 3, 320, 640],
    [1, 3, 160, 320],
  ]);
  expect(found.map(({ box }) => Math.round(box.width)).sort((a, b) => a - b)).toEqual([80, 160]);
  const large = await detectFaces(stub(10, 5, 200), photo(1280, 640), format);
  expect(large.map(({ box }) => Math.round(box.width))).toEqual([800]);
});

test("options override the network's own", async () => {
  expect(await detectFaces(stub(1, 1, 32), photo(64, 64), format, { threshold: 0.99 })).toEqual([]);
  const session = stub(1, 1, 32);
  await detectFaces(session, photo(2000, 1000), format, { sizes: [640] });
  expect(session.seen).toEqual([[1, 3, 320, 640]]);
});

test("stops when asked", async () => {
  const signal = AbortSignal.abort(new Error("enough"));
  await expect(detectFaces(stub(0, 0, 32), photo(8, 8), format, { signal })).rejects.toThrow(
    "enough",
  );
});

test("refuses a network with other outputs", async () => {
  const session: Session = {
    ...stub(0, 0, 32),
    outputNames: ["logits"],
    run: async () => ({ logits: createTensor("float32", [1]) }),
  };
  await expect(detectFaces(session, photo(8, 8), format)).rejects.toThrow(
    "detectFaces: expected outputs heatmap and box, or YuNet's cls_8 …, got logits",
  );
});

import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { writeNpy } from "@headform/formats/numpy";
import { readObj } from "@headform/mesh/io";
import { writeModel } from "@headform/morphable-model/io";
import { importPixel3dmm, sealManifest } from "@headform/networks/import";
import { FARL_CLASSES } from "@headform/networks/pixel3dmm";
import { loadSample } from "@headform/open-head/node";
import sharp from "sharp";
import { beforeAll, describe, expect, it } from "vitest";
import {
  addConstant,
  addInput,
  addNode,
  addOutput,
  createGraph,
} from "../../networks/src/onnx/graph.ts";
import { writeOnnx } from "../../networks/src/onnx/write-onnx.ts";
import { flameShaped } from "../../reconstruction/test/pixel3dmm/flame-shaped.ts";
import { runIn } from "./run-in.ts";

const published = new URL("../../networks/test/fixtures/published/", import.meta.url);
const model = flameShaped();

let folder: string;
const headform = (...argv: string[]) => runIn(folder, argv, { XDG_CACHE_HOME: folder });
const pixel3dmm = (...argv: string[]) =>
  headform("reconstruct", "sample.jpg", "--method", "pixel3dmm", ...argv);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "headform-pixel3dmm-"));
  await writeFile(join(folder, "sample.jpg"), await loadSample());
  const { width, height } = await sharp(await loadSample()).metadata();
  const mask = (value: string) =>
    sharp({ create: { width, height, channels: 3, background: value } }).png();
  await mask("#fff").toFile(join(folder, "light.png"));
  await mask("#000").toFile(join(folder, "dark.png"));
  await sharp({ create: { width: 30, height: 20, channels: 3, background: "#fff" } })
    .png()
    .toFile(join(folder, "small.png"));
  const { uvs: _, uvIndices: __, ...bare } = model;
  await writeFile(join(folder, "flame.safetensors"), writeModel(model));
  await writeFile(join(folder, "bare.safetensors"), writeModel(bare));
  // Networks in the released layouts, with random weights, of an eighth of the size.
  const unzip = async (name: string) =>
    gunzipSync(await readFile(new URL(`${name}.gz`, published)));
  for (const [name, network] of [
    ["uv", importPixel3dmm(await unzip("pixel3dmm-uv.ckpt"), { grid: 8 })],
    ["normals", importPixel3dmm(await unzip("pixel3dmm-normals.ckpt"))],
  ] as const) {
    await writeFile(join(folder, `${name}.onnx`), network.model);
    const manifest = await sealManifest(network, `${name}.onnx`);
    await writeFile(join(folder, `${name}.json`), JSON.stringify(manifest));
  }
  // And one as a user imports it.
  await writeFile(join(folder, "mica.tar"), await unzip("mica.tar"));
  const { code } = await headform("network", "import", "mica.tar", "-o", "mica.onnx");
  expect(code).toBe(0);
  await writeSegmentation(join(folder, "farl"), 7);
});

/** A network of FaRL's classes that sees nothing but one of them. */
async function writeSegmentation(stem: string, shown: number): Promise<void> {
  const graph = createGraph("segmentation");
  const [side, count] = [56, FARL_CLASSES.length];
  const image = addInput(graph, "image", [1, 3, side, side]);
  const nothing = addConstant(graph, "nothing", [count, 3, 1, 1], new Float32Array(3 * count));
  const bias = Float32Array.from({ length: count }, (_, c) => (c === shown ? 1 : 0));
  const shownBias = addConstant(graph, "bias", [count], bias);
  const settings = { kernel_shape: [1, 1], strides: [1, 1] };
  addNode(graph, "Conv", [image, nothing, shownBias], settings, "logits");
  addOutput(graph, "logits", [1, count, side, side]);
  const network = {
    model: writeOnnx(graph),
    manifest: {
      version: 1,
      kind: "segmentation",
      name: "farl",
      networkVersion: "1",
      licence: "MIT",
      trainedOn: "nothing",
      input: {
        name: "image",
        layout: "NCHW",
        channels: "RGB",
        range: [0, 1],
        width: side,
        height: side,
      },
      output: { name: "logits", width: side, height: side, classes: FARL_CLASSES },
    },
  } as const;
  await writeFile(`${stem}.onnx`, network.model);
  await writeFile(`${stem}.json`, JSON.stringify(await sealManifest(network, "farl.onnx")));
}

describe("with networks of the user's and FLAME", () => {
  const networks = ["--network", "uv.onnx", "--network", "normals.onnx"];
  const flame = ["--model", "flame.safetensors"];
  const told = [...networks, ...flame, "--json", "-q", "--force", "-o", "head.obj"];

  it("fits that model, with the identity that the imported MICA sees; posed, neutral and camera", async () => {
    const { code, out, err } = await pixel3dmm(...told, "--network", "mica.onnx");
    expect([code, err]).toEqual([0, ""]);
    const [face] = JSON.parse(out).images[0].faces;
    expect(face.method).toBe("pixel3dmm");
    expect(face.shape).toHaveLength(300);
    expect(Object.keys(face.expression)).toEqual([...model.expressionNames]);
    expect(Object.keys(face.joints)).toEqual([...model.jointNames]);
    expect(face.eyelids).toHaveLength(2);
    expect(face.outputs).toEqual(["head.obj", "head-neutral.obj", "head-camera.json"]);
    const read = async (name: string) => readObj(await readFile(join(folder, name)));
    const [posed, neutral] = [await read("head.obj"), await read("head-neutral.obj")];
    expect(posed.positions).toHaveLength(model.template.length);
    expect(neutral.positions).toHaveLength(model.template.length);
    const camera = JSON.parse(await readFile(join(folder, "head-camera.json"), "utf8"));
    expect(camera).toEqual(face.camera);
    // Coefficients in a file take the network's place.
    const data = Float32Array.from({ length: 300 }, (_, k) => (k === 0 ? 1.5 : 0));
    const npy = writeNpy({ kind: "ndarray", dtype: "float32", shape: [300], data });
    await writeFile(join(folder, "identity.npy"), npy);
    const other = await pixel3dmm(...told, "--identity", "identity.npy", "--mask", "light.png");
    expect([other.code, other.err]).toEqual([0, ""]);
    expect(JSON.parse(other.out).images[0].faces[0].shape).not.toEqual(face.shape);
  });

  it("a segmentation network decides what is skin", async () => {
    // It says that all is eyebrow, which is skin; then that all is hair.
    const skin = await pixel3dmm(...told, "--network", "farl.onnx");
    expect([skin.code, skin.err]).toEqual([0, ""]);
    await writeSegmentation(join(folder, "farl"), FARL_CLASSES.indexOf("hair"));
    const hair = await pixel3dmm(...told, "--network", "farl.onnx");
    expect(hair.code).toBe(3);
    expect(hair.err).toMatch(/no face/);
  });

  it.each([
    [2, "give its file with --model", [...networks]],
    [
      1,
      "--model bare.safetensors (flame-shaped) has no texture coordinates",
      [...networks, "--model", "bare.safetensors"],
    ],
    [1, "A network of normals is missing beside pixel3dmm-uv", ["--network", "uv.onnx", ...flame]],
    [1, "A network of uv is missing beside mica", ["--network", "mica.onnx", ...flame]],
  ])("exit %i: %s", async (code, message, argv) => {
    const found = await pixel3dmm(...argv);
    expect(found.err).toContain(message);
    expect(found.code).toBe(code);
  });
});

describe("on the open head", () => {
  const quiet = ["--json", "-q"];

  it("--identity keeps the shape near, of a report, a list or .npy", async () => {
    const plain = await pixel3dmm(...quiet);
    const [face] = JSON.parse(plain.out).images[0].faces;
    // The last shape is one that a picture hardly tells.
    const last = face.shape.length - 1;
    const far = face.shape.map((value: number, k: number) => (k === last ? value + 2 : value));
    await writeFile(join(folder, "far.json"), JSON.stringify(far));
    await writeFile(
      join(folder, "report.json"),
      JSON.stringify({ images: [{ faces: [{ shape: far }] }] }),
    );
    const told = await pixel3dmm(...quiet, "--identity", "far.json");
    const [moved] = JSON.parse(told.out).images[0].faces;
    expect(moved.shape[last]).toBeGreaterThan(face.shape[last] + 0.1);
    const report = await pixel3dmm(...quiet, "--identity", "report.json");
    expect(JSON.parse(report.out).images[0].faces[0].shape).toEqual(moved.shape);
  });

  it("a mask that is light everywhere changes nothing, a dark one leaves no face", async () => {
    const [plain, light] = [
      await pixel3dmm(...quiet),
      await pixel3dmm(...quiet, "--mask", "light.png"),
    ];
    const shapeOf = ({ out }: typeof plain) => JSON.parse(out).images[0].faces[0].shape;
    expect(shapeOf(light)).toEqual(shapeOf(plain));
    expect((await pixel3dmm(...quiet, "--mask", "dark.png")).code).toBe(3);
  });

  it.each([
    ["--mask small.png has 30×20 pixels, the photo", ["--mask", "small.png"]],
    ["--identity none.npy could not be read", ["--identity", "none.npy"]],
    ["light.png is neither JSON nor .npy", ["--identity", "light.png"]],
  ])("%s", async (message, argv) => {
    const found = await pixel3dmm(...argv);
    expect(found.err).toContain(message);
    expect(found.code).toBe(1);
  });
});

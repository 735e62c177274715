import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { readNpy } from "@headform/formats/numpy";
import { checkDigest, readManifest } from "@headform/inference";
import { createBackend } from "@headform/inference/node";
import { loadSample } from "@headform/open-head/node";
import { beforeAll, describe, expect, it } from "vitest";
import { runIn } from "./run-in.ts";

const published = new URL("../../networks/test/fixtures/published/", import.meta.url);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "headform-network-"));
  const names = ["vrn-plain.t7", "vrn-guided.pt", "pix2face.pt", "mica.tar"];
  for (const name of [...names, "pixel3dmm-uv.ckpt", "pixel3dmm-normals.ckpt"]) {
    const bytes = await readFile(new URL(`${name}.gz`, published));
    await writeFile(join(folder, name), gunzipSync(bytes));
  }
  await writeFile(join(folder, "text.onnx"), "not a network");
});

const headform = (...argv: string[]) => runIn(folder, argv);

describe("headform network import", () => {
  it.each([
    ["vrn-plain.t7", "volume", "vrn-unguided"],
    // PyTorch's stream from before its files were zip archives.
    ["pix2face.pt", "dense", "pix2face"],
    ["pixel3dmm-uv.ckpt", "surface", "pixel3dmm-uv"],
    ["pixel3dmm-normals.ckpt", "surface", "pixel3dmm-normals"],
    ["mica.tar", "identity", "mica"],
  ])("%s is known by its content", async (file, kind, name) => {
    const output = `${name}.onnx`;
    const { code, out, err } = await headform("network", "import", file, "-o", output);
    expect([code, out]).toEqual([0, `${output}\n${name}.json\n`]);
    expect(err).toMatch(new RegExp(`^${file}: ${name}, \\d+ MB; licence: .+\n$`));
    const model = new Uint8Array(await readFile(join(folder, output)));
    const manifest = readManifest(await readFile(join(folder, `${name}.json`), "utf8"));
    expect([manifest.kind, manifest.file, manifest.bytes]).toEqual([kind, output, model.length]);
    await checkDigest(model, manifest.sha256);
    const session = await (await createBackend({ threads: 1 })).createSession(model);
    expect(session.inputNames).toEqual([manifest.input.name]);
    await session.release();
  });

  it("nothing is replaced without --force", async () => {
    const argv = ["network", "import", "mica.tar", "-o", "twice/mica.onnx"];
    expect((await headform(...argv)).code).toBe(0);
    const { code, err } = await headform(...argv);
    expect([code, err]).toEqual([1, expect.stringContaining("exists already. Add --force")]);
    expect((await headform(...argv, "--force")).code).toBe(0);
  });

  it.each([
    [2, "networks are written as .onnx", ["vrn-plain.t7", "-o", "vrn.bin"]],
    [1, "got another checkpoint", ["vrn-guided.pt", "-o", "a.onnx"]],
    [1, "neither a zip nor a stream", ["text.onnx", "-o", "b.onnx"]],
    [1, "nowhere.t7", ["nowhere.t7", "-o", "c.onnx"]],
  ])("leaves with %i: %s", async (exit, message, argv) => {
    const { code, out, err } = await headform("network", "import", ...argv);
    expect([code, out]).toEqual([exit, ""]);
    expect(err).toContain(message);
    expect(err).not.toContain("defect");
  });
});

describe("headform network identity", () => {
  it("writes the coefficients that the network sees in a photo's face", async () => {
    await writeFile(join(folder, "sample.jpg"), await loadSample());
    await headform("network", "import", "mica.tar", "-o", "who/mica.onnx");
    const argv = ["network", "identity", "who/mica.onnx", "sample.jpg", "-o", "who/z.npy"];
    const { code, out, err } = await headform(...argv);
    expect([code, out, err]).toEqual([0, "who/z.npy\n", ""]);
    const { shape, data } = readNpy(await readFile(join(folder, "who/z.npy")));
    expect(shape).toEqual([300]);
    expect(Array.from(data as Float32Array).every(Number.isFinite)).toBe(true);
  }, 60_000);

  it("another kind of network is refused", async () => {
    await headform("network", "import", "vrn-plain.t7", "-o", "who/vrn.onnx");
    const argv = ["network", "identity", "who/vrn.onnx", "sample.jpg", "-o", "who/v.npy"];
    const { code, err } = await headform(...argv);
    expect([code, err]).toEqual([1, expect.stringContaining("a manifest of an identity network")]);
  });
});

describe("headform network info", () => {
  it("prints what a network is, with its manifest", async () => {
    await headform("network", "import", "vrn-plain.t7", "-o", "info/vrn.onnx");
    const { code, out } = await headform("network", "info", "info/vrn.onnx");
    expect(code).toBe(0);
    expect(out).toContain("inputs      image float32 [1, 3, 32, 32]\n");
    expect(out).toContain("outputs     volume float32 [1, 10, 32, 32]\n");
    expect(out).toContain("opset       ai.onnx 17\n");
    expect(out).toContain("Conv 276, InstanceNormalization 273");
    expect(out).toContain("manifest    volume, vrn-unguided published\n");
    const json = JSON.parse((await headform("network", "info", "info/vrn.onnx", "--json")).out);
    expect(json.inputs).toEqual([{ name: "image", type: "float32", dims: [1, 3, 32, 32] }]);
    expect(json.manifest.kind).toBe("volume");
  });

  it("reads networks of other makers, and says what is none", async () => {
    const data = new URL("../../open-head/data/detector.onnx", import.meta.url);
    await writeFile(join(folder, "other.onnx"), await readFile(data));
    const { code, out } = await headform("network", "info", "other.onnx");
    expect(code).toBe(0);
    expect(out).toContain("manifest    none\n");
    const { code: exit, err } = await headform("network", "info", "text.onnx");
    expect([exit, err]).toEqual([1, expect.stringContaining("text.onnx is no ONNX network")]);
  });
});

import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { boundsOf } from "@headform/mesh";
import { readGlb, readObj } from "@headform/mesh/io";
import { sealManifest } from "@headform/networks/import";
import { buildVrn } from "@headform/networks/vrn";
import { loadSample } from "@headform/open-head/node";
import { beforeAll, describe, expect, it } from "vitest";
import { runIn } from "./run-in.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "headform-vrn-"));
  await writeFile(join(folder, "sample.jpg"), await loadSample());
  const network = buildVrn("guided", { width: 8, size: 32, planes: 40 });
  await writeFile(join(folder, "guided.onnx"), network.model);
  const manifest = await sealManifest(network, "guided.onnx");
  await writeFile(join(folder, "guided.json"), JSON.stringify(manifest));
});

const headform = (...argv: string[]) => runIn(folder, ["reconstruct", "sample.jpg", ...argv]);

describe("what is refused, with a sentence", () => {
  it.each([
    [2, "--variant belongs to --method vrn", ["--variant", "guided"]],
    [2, "--surface belongs to --method vrn", ["--surface", "soft", "--method", "pixel3dmm"]],
    [2, "Allowed choices are pix2face, pixel3dmm, vrn", ["--method", "magic"]],
    [1, "No multitask volume network comes", ["--method", "vrn", "--variant", "multitask"]],
    [1, "a manifest of a dense network", ["--network", "guided.onnx"]],
    [
      1,
      "guided.onnx is a guided volume network, --variant asks for plain",
      ["--method", "vrn", "--network", "guided.onnx", "--variant", "plain"],
    ],
  ])("leaves with %i: %s", async (exit, message, argv) => {
    const before = await readdir(folder);
    const { code, out, err } = await headform(...argv);
    expect([code, out]).toEqual([exit, ""]);
    expect(err).toContain(message);
    expect(err).not.toContain("defect");
    expect(await readdir(folder)).toEqual(before);
  });
});

it("a user's own network is run, guided by the dense network's landmarks", async () => {
  // Random weights: what it sees is no face, or noise to which a head is fitted all the same.
  const argv = ["--method", "vrn", "--network", "guided.onnx", "--json"];
  const { code, err } = await headform(...argv);
  expect([0, 3]).toContain(code);
  expect(err).not.toContain("defect");
}, 120_000);

it("guided by the user's own landmarks; too few are refused", async () => {
  // A circle of points over the sample's face: where they lie is the network's matter.
  const landmarks = Array.from({ length: 68 }, (_, i) => [
    256 + 90 * Math.cos(i),
    256 + 90 * Math.sin(i),
  ]);
  await writeFile(join(folder, "mine.json"), JSON.stringify(landmarks));
  await writeFile(join(folder, "few.json"), JSON.stringify(landmarks.slice(1)));
  const argv = ["--method", "vrn", "--network", "guided.onnx", "--json", "--landmarks"];
  const { code, err } = await headform(...argv, "mine.json");
  expect([0, 3]).toContain(code);
  expect(err).not.toContain("defect");
  const few = await headform(...argv, "few.json");
  expect(few.code).not.toBe(0);
  expect(few.err).toMatch(/few\.json.*68/);
}, 120_000);

const data = new URL("../../open-head/data/volume.onnx", import.meta.url);
describe.skipIf(!existsSync(data))("the volume network that comes with headform", () => {
  it("gives the head and the volume's surface", async () => {
    const argv = ["--method", "vrn", "--surface", "matlab", "-o", "v/head.obj", "--json"];
    const { code, out } = await headform(...argv);
    expect(code).toBe(0);
    const [face] = JSON.parse(out).images[0].faces;
    expect(face.method).toBe("vrn");
    expect(face.outputs.slice(0, 3)).toEqual(["v/head.obj", "v/head.mtl", "v/head-texture.jpg"]);
    expect(face.outputs).toContain("v/head-surface.obj");
    const head = readObj(await readFile(join(folder, "v/head.obj")));
    expect(head.indices.length / 3).toBe(11730);
    const surface = readObj(await readFile(join(folder, "v/head-surface.obj")));
    expect(surface.indices.length / 3).toBeGreaterThan(10_000);
    expect(surface.colors).toHaveLength(surface.positions.length);
  }, 120_000);

  it("has expressions, and a picture is drawn", async () => {
    const argv = ["--method", "vrn", "--variant", "guided", "-o", "g.glb", "--render", "g.png"];
    expect((await headform(...argv, "--surface", "soft")).code).toBe(0);
    const mesh = await readGlb(await readFile(join(folder, "g.glb")));
    expect(mesh.morphTargets).toHaveLength(52);
    // In metres, as the head: the volume holds the face and the neck.
    const surface = await readGlb(await readFile(join(folder, "g-surface.glb")));
    const { min, max } = boundsOf(surface);
    expect(max[1] - min[1]).toBeGreaterThan(0.15);
    expect(max[1] - min[1]).toBeLessThan(0.5);
    expect((await readdir(folder)).includes("g.png")).toBe(true);
  }, 120_000);
});

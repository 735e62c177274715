import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readGlb, readObj, readPly, readStl } from "@headform/mesh/io";
import { loadSample } from "@headform/open-head/node";
import { validateGlb } from "@headform/testing";
import sharp from "sharp";
import { beforeAll, describe, expect, it } from "vitest";
import { runIn } from "./run-in.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "headform-cli-"));
  await writeFile(join(folder, "sample.jpg"), await loadSample());
  const wall = { width: 320, height: 240, channels: 3 as const, background: "#7a8f6b" };
  await sharp({ create: wall }).jpeg().toFile(join(folder, "wall.jpg"));
  await writeFile(join(folder, "text.jpg"), "not a photo");
});

const headform = (...argv: string[]) => runIn(folder, argv);

describe("headform reconstruct", () => {
  it("writes a valid GLB with 52 expressions and prints its path alone", async () => {
    const { code, out, err } = await headform("reconstruct", "sample.jpg", "-o", "a/head.glb");
    expect(err).toMatch(/^sample\.jpg: 1 face in \d+ ms on \w+\n$/);
    expect([code, out]).toEqual([0, "a/head.glb\n"]);
    const bytes = await readFile(join(folder, "a/head.glb"));
    const { errors, warnings } = await validateGlb(bytes);
    expect([errors, warnings]).toEqual([0, 0]);
    const mesh = await readGlb(bytes);
    expect(mesh.morphTargets).toHaveLength(52);
    expect(mesh.unit).toBe("m");
    expect(await readdir(join(folder, "a"))).toEqual(["head.glb"]);
  });

  it("prints the documented report with --json, and writes nothing unasked", async () => {
    const before = await readdir(folder);
    const { code, out } = await headform("reconstruct", "sample.jpg", "--json", "--quiet");
    expect(code).toBe(0);
    expect(await readdir(folder)).toEqual(before);
    const report = JSON.parse(out);
    expect(report.version).toBe(1);
    const [image] = report.images;
    const [face] = image.faces;
    expect(image.file).toBe("sample.jpg");
    expect(Object.keys(face)).toEqual([
      "method",
      "box",
      "score",
      "landmarks68",
      "camera",
      "pose",
      "shape",
      "expression",
      "outputs",
      "timings",
      "fit",
    ]);
    expect(face.box).toHaveLength(4);
    expect(face.landmarks68).toHaveLength(68);
    expect(
      face.landmarks68.every((p: number[]) => p.length === 3 && p.every(Number.isFinite)),
    ).toBe(true);
    // Landmarks lie in the photo, inside the box that is their bounding box.
    const [x, y, w, h] = face.box;
    for (const [px, py] of face.landmarks68) {
      expect(px).toBeGreaterThan(x - 0.01);
      expect(py).toBeGreaterThan(y - 0.01);
      expect(px).toBeLessThan(x + w + 0.01);
      expect(py).toBeLessThan(y + h + 0.01);
    }
    // The nose tip is nearer to the viewer than the jaw's ends.
    expect(face.landmarks68[30][2]).toBeGreaterThan(face.landmarks68[0][2]);
    expect(Math.hypot(...face.pose.rotation)).toBeCloseTo(1, 5);
    expect(face.pose.yawPitchRollDeg).toHaveLength(3);
    expect(Object.keys(face.expression)).toHaveLength(52);
    expect(Object.keys(face.expression)).toContain("jawOpen");
    expect(face.camera.kind).toBe("perspective");
    expect(face.outputs).toEqual([]);
    expect(Object.keys(face.fit)).toEqual(["status", "iterations", "cost"]);
    expect(face.fit.status).toMatch(/^(converged|stalled|max-iterations)$/);
  });

  it("gives the same numbers for its own landmarks' box", async () => {
    const first = JSON.parse((await headform("reconstruct", "sample.jpg", "--json", "-q")).out);
    const face = first.images[0].faces[0];
    const box = face.box.map((value: number) => Math.round(value)).join(",");
    const again = JSON.parse(
      (await headform("reconstruct", "sample.jpg", "--json", "-q", "--box", box)).out,
    );
    const side = Math.sqrt(face.box[2] * face.box[3]);
    // Another crop of the same face: landmarks agree to 2 % of its size.
    const distances = again.images[0].faces[0].landmarks68.map((p: number[], i: number) =>
      Math.hypot(p[0]! - face.landmarks68[i][0], p[1]! - face.landmarks68[i][1]),
    );
    const mean = distances.reduce((sum: number, d: number) => sum + d, 0) / 68;
    expect(mean / side).toBeLessThan(0.02);
  });

  it("writes OBJ with material and texture, PLY with colors, STL, and a picture", async () => {
    const vertices: number[] = [];
    for (const format of ["obj", "ply", "stl"]) {
      const { code } = await headform("reconstruct", "sample.jpg", "-q", "-o", `f/h.${format}`);
      expect(code).toBe(0);
    }
    const text = await readFile(join(folder, "f/h.obj"), "utf8");
    expect(text).toMatch(/^mtllib h\.mtl$/m);
    expect(await readFile(join(folder, "f/h.mtl"), "utf8")).toMatch(/map_Kd h-texture\.jpg/);
    expect((await sharp(join(folder, "f/h-texture.jpg")).metadata()).width).toBe(1024);
    vertices.push(readObj(await readFile(join(folder, "f/h.obj"))).positions.length / 3);
    const ply = readPly(await readFile(join(folder, "f/h.ply")));
    expect(ply.colors).toHaveLength(ply.positions.length);
    vertices.push(ply.positions.length / 3);
    expect(vertices[0]).toBe(vertices[1]);
    expect(readStl(await readFile(join(folder, "f/h.stl"))).indices.length).toBe(
      ply.indices.length,
    );
    await headform("reconstruct", "sample.jpg", "-q", "--json", "--render", "f/h.png");
    expect((await sharp(join(folder, "f/h.png")).metadata()).format).toBe("png");
  });

  it("runs on WebAssembly and agrees with the native runtime", async () => {
    const of = async (backend: string) =>
      JSON.parse((await headform("reconstruct", "sample.jpg", "--json", "--backend", backend)).out)
        .images[0].faces[0];
    const [native, wasm] = [await of("cpu"), await of("wasm")];
    // The same float32 network in another order of summation.
    native.landmarks68.forEach((p: number[], i: number) => {
      expect(
        Math.hypot(p[0]! - wasm.landmarks68[i][0], p[1]! - wasm.landmarks68[i][1]),
      ).toBeLessThan(0.5);
    });
  });
});

describe("when something is wrong", () => {
  it("replaces nothing without --force", async () => {
    await writeFile(join(folder, "kept.glb"), "mine");
    const { code, err } = await headform("reconstruct", "sample.jpg", "-o", "kept.glb");
    expect(code).toBe(1);
    expect(err).toMatch(/^error: .*kept\.glb exists already\. Add --force/);
    expect(await readFile(join(folder, "kept.glb"), "utf8")).toBe("mine");
    expect((await headform("reconstruct", "sample.jpg", "-o", "kept.glb", "--force")).code).toBe(0);
  });

  it("never replaces a photo it was given, not even with --force", async () => {
    await writeFile(
      join(folder, "me.png"),
      await sharp(join(folder, "sample.jpg")).png().toBuffer(),
    );
    const before = await readFile(join(folder, "me.png"));
    const { code, err } = await headform("reconstruct", "me.png", "--render", "me.png", "--force");
    expect(code).toBe(2);
    expect(err).toMatch(/me\.png is one of the files given; it is not replaced/);
    expect(await readFile(join(folder, "me.png"))).toEqual(before);
  });

  it("leaves with 3 where there is no face, and writes nothing", async () => {
    const { code, out, err } = await headform("reconstruct", "wall.jpg", "-o", "wall.glb");
    expect([code, out]).toEqual([3, ""]);
    expect(err).toMatch(/no face found in wall\.jpg\. Say where it is with --box/);
    expect(existsSync(join(folder, "wall.glb"))).toBe(false);
  });

  it("leaves with 3 where a box shows no face, instead of making one up", async () => {
    for (const [photo, box] of [
      ["wall.jpg", "100,60,90,100"],
      ["sample.jpg", "0,0,100,100"],
    ] as const) {
      const { code, out, err } = await headform("reconstruct", photo, "--box", box, "-o", "no.glb");
      expect([code, out]).toEqual([3, ""]);
      expect(err).toMatch(/no face could be measured at the given place/);
    }
    expect(existsSync(join(folder, "no.glb"))).toBe(false);
  });

  it("goes on with the other photos after a bad one", async () => {
    const { code, out, err } = await headform(
      "reconstruct",
      "text.jpg",
      "wall.jpg",
      "sample.jpg",
      "--json",
    );
    expect(code).toBe(1);
    expect(err).toMatch(/text\.jpg is not a photo/);
    const { images } = JSON.parse(out);
    expect(images.map((i: { faces: unknown[] }) => i.faces.length)).toEqual([0, 0, 1]);
    expect(images.map((i: { error?: { code: string } }) => i.error?.code)).toEqual([
      "not-an-image",
      "no-face",
      undefined,
    ]);
  });

  it.each([
    [["reconstruct"], /missing required argument 'image'/],
    [["reconstruct", "sample.jpg", "--colour"], /unknown option '--colour'/],
    [["reconstruct", "sample.jpg", "--format", "fbx"], /Allowed choices are glb, obj, ply, stl/],
    [["reconstruct", "sample.jpg", "--box", "1,2,3"], /--box expects four numbers/],
    [["reconstruct", "sample.jpg", "--box", "9000,9000,50,50"], /lies outside sample\.jpg/],
    [["reconstruct", "a.jpg", "b.jpg", "--box", "1,2,30,40"], /--box belongs to one photo/],
    [["reconstruct", "sample.jpg", "-o", ""], /file name is empty/],
    [["reconstruct", ""], /file name is empty/],
    [["recnstruct", "sample.jpg"], /unknown command 'recnstruct'[\s\S]*reconstruct/],
  ])("wrong usage leaves with 2: %j", async (argv, message) => {
    const { code, out, err } = await headform(...argv);
    expect([code, out]).toEqual([2, ""]);
    expect(err).toMatch(message);
    expect(err).not.toMatch(/\n {4}at /);
  });

  it.each([
    [["--model", "text.jpg"], /text\.jpg is no head model/],
    [["--model", "none.safetensors"], /none\.safetensors could not be read/],
    [["--network", "text.jpg"], /--network text\.jpg needs a manifest/],
    [["--detector", "text.jpg"], /--detector text\.jpg cannot be used/],
    [["--landmarks", "text.jpg"], /text\.jpg is neither JSON nor/],
    [["-o", "text.jpg/head.glb"], /part of that path is a file/],
  ])("says what is wrong with %j", async (options, message) => {
    const { code, out, err } = await headform("reconstruct", "sample.jpg", ...options);
    expect([code, out]).toEqual([1, ""]);
    expect(err).toMatch(message);
    expect(err).not.toMatch(/defect of headform|\n {4}at /);
  });
});

describe("help", () => {
  it("prints help and version on stdout", async () => {
    expect((await headform("--version")).out).toMatch(/^\d+\.\d+\.\d+\n$/);
    const { code, out } = await headform("reconstruct", "--help");
    expect(code).toBe(0);
    for (const option of [
      "--output",
      "--format",
      "--box",
      "--landmarks",
      "--detector",
      "--model",
      "--network",
      "--render",
      "--json",
      "--backend",
      "--force",
      "--quiet",
    ]) {
      expect(out).toContain(option);
    }
    expect(out).toContain('default: "auto"');
    expect((await headform("help")).out).toContain("reconstruct");
  });

  it("prints help on stderr, with 2, when nothing is asked", async () => {
    const { code, out, err } = await headform();
    expect([code, out]).toEqual([2, ""]);
    expect(err).toContain("Usage: headform");
  });
});

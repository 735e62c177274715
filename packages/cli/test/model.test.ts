import { mkdtemp, readdir, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readGlb, readPly } from "@headform/mesh/io";
import { evaluate, evaluateColors, type PcaModel, readHead } from "@headform/morphable-model";
import { readModel, writeModel } from "@headform/morphable-model/io";
import { loadHead } from "@headform/open-head/node";
import sharp from "sharp";
import { beforeAll, describe, expect, it } from "vitest";
import { runIn } from "./run-in.ts";

let folder: string;
let head: PcaModel;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "headform-model-"));
  const bytes = (await loadHead()).head;
  head = readHead(bytes);
  await writeFile(join(folder, "head.safetensors"), bytes);
  await writeFile(join(folder, "text.pkl"), "no pickle");
});

const model = (...argv: string[]) => runIn(folder, ["model", ...argv]);

describe("headform model", () => {
  it("info says what a model is", async () => {
    const { code, out } = await model("info", "head.safetensors", "--json");
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      kind: "pca",
      vertices: head.mean.length / 3,
      expression: 52,
      joints: [],
      unit: "m",
      landmarks: 68,
      licence: "MIT",
    });
    expect((await model("info", "head.safetensors")).out).toMatch(/^unit +m$/m);
  });

  it("sample writes vertices in the model's order and unit", async () => {
    const asked = ["--shape", "1,0,-0.5", "--expression", "0,0,0.5", "-o", "s.ply"];
    expect(await model("sample", "head.safetensors", ...asked)).toEqual({
      code: 0,
      out: "s.ply\n",
      err: "",
    });
    const { positions } = readPly(await readFile(join(folder, "s.ply")));
    const expected = evaluate(head, { shape: [1, 0, -0.5], expression: [0, 0, 0.5] });
    // Binary PLY keeps float32; both sums are float32 in another order.
    positions.forEach((value, i) => {
      if (Math.abs(value - (expected[i] as number)) > 1e-7) throw new Error(`vertex number ${i}`);
    });
    await model("sample", "head.safetensors", "--seed", "3", "-o", "r1.stl");
    await model("sample", "head.safetensors", "--seed", "3", "-o", "r2.stl");
    expect(await readFile(join(folder, "r1.stl"))).toEqual(await readFile(join(folder, "r2.stl")));
  });

  it("convert writes headform's own format, which reads back", async () => {
    expect((await model("convert", "head.safetensors", "-o", "c.safetensors")).code).toBe(0);
    const { out } = await model("info", "c.safetensors", "--json");
    expect(JSON.parse(out).vertices).toBe(head.mean.length / 3);
  });

  it("a model with colors: told, and the mesh has the mean ones", async () => {
    const path = "../../morphable-model/test/fixtures/models/model2017-1_bfm_nomouth.h5";
    const bytes = await readFile(new URL(path, import.meta.url));
    await writeFile(join(folder, "bfm.h5"), bytes);
    const basel = (await readModel(bytes)) as PcaModel;
    const { out } = await model("info", "bfm.h5", "--json");
    expect(JSON.parse(out)).toMatchObject({ shape: 4, expression: 3, colors: 2 });
    expect((await model("sample", "bfm.h5", "-o", "bfm.ply")).code).toBe(0);
    const ply = readPly(await readFile(join(folder, "bfm.ply")));
    expect(ply.colors).toEqual(evaluateColors(basel));
    await model("sample", "bfm.h5", "-o", "bfm.glb");
    expect((await readGlb(await readFile(join(folder, "bfm.glb")))).colors).toBeDefined();
    expect((await model("render", "bfm.h5", "-o", "bfm.png")).code).toBe(0);
    // Without colors it is of clay.
    const { color: _, ...plain } = basel;
    await writeFile(join(folder, "plain.safetensors"), writeModel(plain));
    expect((await model("render", "plain.safetensors", "-o", "plain.png")).code).toBe(0);
    const [colored, clay] = await Promise.all(
      ["bfm.png", "plain.png"].map((name) => sharp(join(folder, name)).raw().toBuffer()),
    );
    expect(colored?.length).toBe(clay?.length);
    expect(colored).not.toEqual(clay);
  });

  it("render draws three sides", async () => {
    expect((await model("render", "head.safetensors", "-o", "r.png", "--seed", "1")).code).toBe(0);
    const { width = 0, height = 0 } = await sharp(join(folder, "r.png")).metadata();
    expect(width).toBeGreaterThan(2.5 * height);
  });

  it.each([
    [["info", "none.pkl"], 1, /none\.pkl could not be read/],
    [["info", "text.pkl"], 1, /text\.pkl is no head model that can be read/],
    [["sample", "head.safetensors"], 2, /required option '-o/],
    [["sample", "head.safetensors", "-o", "a.fbx"], 2, /meshes are written as \.glb/],
    [["sample", "head.safetensors", "-o", "a.ply", "--shape", "x"], 2, /--shape expects numbers/],
    [["sample", "head.safetensors", "-o", "a.ply", "--pose", "jaw=1,0,0"], 2, /without joints/],
    [["convert", "head.safetensors", "-o", "a.glb"], 2, /written as \.safetensors/],
    [["convert", "head.safetensors", "-o", "head.safetensors", "--force"], 2, /it is not replaced/],
  ])("says what is wrong: %j", async (argv, exit, message) => {
    const before = await readdir(folder);
    const { code, out, err } = await model(...argv);
    expect([code, out]).toEqual([exit, ""]);
    expect(err).toMatch(message);
    expect(await readdir(folder)).toEqual(before);
  });
});

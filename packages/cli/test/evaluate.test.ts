import { mkdir, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writePly } from "@headform/mesh/io";
import { beforeAll, describe, expect, it } from "vitest";
import { runIn } from "./run-in.ts";

let folder: string;

/** A curved sheet in millimeters with nothing symmetric about it, and points on it. */
function sheet(shift: readonly number[] = [0, 0, 0]) {
  const side = 13;
  const at = (i: number, j: number): number[] => {
    const [x, y] = [12 * (i - 6), 12 * (j - 6)];
    return [x + shift[0], y + shift[1], 60 - x ** 2 / 90 - y ** 2 / 160 + x * 0.1 + shift[2]];
  };
  const positions: number[] = [];
  const indices: number[] = [];
  for (let i = 0; i < side; i++) {
    for (let j = 0; j < side; j++) {
      positions.push(...at(i, j));
      if (i === side - 1 || j === side - 1) continue;
      const k = side * i + j;
      indices.push(k, k + side, k + 1, k + 1, k + side, k + side + 1);
    }
  }
  const seven = [at(3, 8), at(5, 8), at(7, 8), at(9, 8), at(6, 5), at(5, 3), at(7, 3)];
  return {
    mesh: {
      positions: Float32Array.from(positions),
      indices: Uint32Array.from(indices),
      unit: "mm" as const,
    },
    seven,
  };
}

async function save(path: string, content: string | Uint8Array): Promise<void> {
  await mkdir(join(folder, path, ".."), { recursive: true });
  await writeFile(join(folder, path), content);
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "headform-evaluate-"));
  const square = [
    [0, 0],
    [40, 0],
    [40, 10],
    [0, 10],
  ];
  const points = (dx: number, dy: number) => square.map(([x, y]) => [x + dx, y + dy]);
  await save("flat/truth/a.json", JSON.stringify(square));
  // The same points as .pts, which counts pixels from 1.
  const pts = square.map(([x, y]) => `${x + 0.5} ${y + 0.5}`).join("\n");
  await save("flat/truth/b.pts", `version: 1\nn_points: 4\n{\n${pts}\n}\n`);
  await save("flat/own/a.json", JSON.stringify({ landmarks68: points(3, 4) }));
  await save("flat/own/b.json", JSON.stringify(points(0, 1)));
  await save("flat/own/c.json", JSON.stringify(points(0, 0)));

  const truth = sheet();
  const moved = sheet([2, 3, 6]);
  for (const [place, { mesh, seven }] of Object.entries({ truth, own: moved })) {
    await save(`solid/${place}/x.ply`, writePly(mesh));
    await save(`solid/${place}/x.json`, JSON.stringify(seven));
  }
  const eyes = [truth.seven[0], truth.seven[3]];
  await save("eyes/x.ply", writePly(truth.mesh));
  await save("eyes/x.txt", eyes.map((point) => point.join(" ")).join("\n"));
  const picked = truth.seven.map(
    ([x, y, z], i) => `<point x="${x}" y="${y}" z="${z}" active="1" name="${i}"/>`,
  );
  await save("picked/x.pp", `<!DOCTYPE PickedPoints>\n<PickedPoints>\n${picked.join("\n")}`);
  await save("picked/x.ply", writePly(truth.mesh));
  const unitless = { ...truth.mesh, unit: "none" as const };
  await save("unitless/x.ply", writePly(unitless));
  await save("unitless/eyes/x.ply", writePly(unitless));
  await save("unitless/eyes/x.json", JSON.stringify(eyes));
  await save("unitless/x.json", JSON.stringify(truth.seven));
  await save("twice/x.ply", "");
  await save("twice/x.obj", "");
  await save("few/a.json", JSON.stringify(square.slice(1)));
  await save("few/b.json", JSON.stringify(square));
  await mkdir(join(folder, "empty"));
});

const evaluate = (...argv: string[]) => runIn(folder, ["evaluate", ...argv]);

const flat = ["--predictions", "flat/own", "--truth", "flat/truth"];
const solid = ["--predictions", "solid/own", "--truth", "solid/truth"];

describe("headform evaluate", () => {
  it("2D landmarks: pairs by name, prints a table, says what has no truth", async () => {
    const { code, out, err } = await evaluate("3ddfa", ...flat);
    // 5/√400 and 1/√400.
    expect(out).toBe(
      "face     NME %\n" +
        "a       25.000\n" +
        "b        5.000\n" +
        "mean    15.000\n" +
        "median  15.000\n" +
        "all faces: median 15.000, mean 15.000, std 10.000; AUC up to 10 0.250, beyond it 50.0 %\n",
    );
    expect(err).toBe("1 without a truth, not measured: c\n");
    expect(code).toBe(0);
  });
  it("menpo divides by the diagonal; --json is one document, --curve an SVG", async () => {
    const argv = ["menpo", ...flat, "--json", "--curve", "c.svg", "--limit", "20"];
    const report = JSON.parse((await evaluate(...argv)).out);
    expect(report).toMatchObject({ version: 1, protocol: "menpo", count: 2, outputs: ["c.svg"] });
    expect(report.faces[0]["NME %"]).toBeCloseTo(500 / Math.hypot(40, 10), 10);
    expect(report.pooled.limit).toBeCloseTo(20, 12);
    const svg = await readFile(join(folder, "c.svg"), "utf8");
    expect(svg).toContain(`(AUC ${report.pooled.AUC.toFixed(3)})`);
    expect((await evaluate(...argv)).err).toMatch(/c\.svg exists already/);
  });
  it("vrn: the shift of a shifted copy, over the eyes' distance", async () => {
    const { out } = await evaluate(
      "vrn",
      ...["--predictions", "solid/own", "--truth", "eyes", "--json"],
    );
    const [right, , , left] = sheet().seven;
    const eyes = Math.hypot(...right.map((x, axis) => x - left[axis]));
    // |(2, 3, 6)| = 7; positions are single floats.
    expect(JSON.parse(out).mean["NME %"]).toBeCloseTo(700 / eyes, 4);
  });
  it("pixel3dmm and now align the shift away, chamfer and facescape do not", async () => {
    const pixel3dmm = JSON.parse((await evaluate("pixel3dmm", ...solid, "--json")).out);
    // Single floats of some 100.
    expect(pixel3dmm.mean["L2 mm"]).toBeLessThan(1e-4);
    expect(pixel3dmm.mean["R2.5"]).toBe(1);
    const now = JSON.parse((await evaluate("now", ...solid, "--json")).out);
    expect(now.pooled.median).toBeLessThan(1e-4);
    const metrical = await evaluate(
      "now",
      ...["--predictions", "solid/own", "--truth", "picked", "--metrical", "--json"],
    );
    expect(JSON.parse(metrical.out).pooled.median).toBeLessThan(1e-4);
    const chamfer = JSON.parse((await evaluate("chamfer", ...solid, "--json")).out);
    expect(chamfer.mean["L2 mm"]).toBeGreaterThan(2);
    const facescape = JSON.parse((await evaluate("facescape", ...solid, "--json")).out);
    // Depth is aligned, the shift in height and to the side is not; it is 3.6 along the sheet.
    expect(facescape.mean["CD mm"]).toBeGreaterThan(0.1);
    expect(facescape.mean["CD mm"]).toBeLessThan(3.7);
    expect(facescape.mean.CR).toBeGreaterThan(0.9);
  });
  it("units: what the file does not say is asked for", async () => {
    const argv = ["now", "--predictions", "solid/own", "--truth", "unitless", "--json"];
    const asked = await evaluate(...argv);
    expect([asked.code, asked.err]).toEqual([1, expect.stringMatching(/Give --truth-unit m, cm/)]);
    const vrn = ["vrn", "--predictions", "solid/own", "--truth", "unitless/eyes"];
    expect((await evaluate(...vrn)).err).toMatch(/one of the two meshes says its unit/);
    expect((await evaluate(...vrn, "--truth-unit", "mm")).code).toBe(0);
    const given = await evaluate(...argv, "--truth-unit", "cm");
    // Ten times larger, and scale is free: still a perfect fit.
    expect(JSON.parse(given.out).pooled.median).toBeLessThan(1e-3);
  });
  it("help lists every protocol and what it expects", async () => {
    const { code, out } = await evaluate("--help");
    expect(code).toBe(0);
    for (const name of ["3ddfa", "interocular", "menpo", "vrn", "now", "facescape", "chamfer"]) {
      expect(out).toMatch(new RegExp(`^  ${name} .*\\n +Expects `, "m"));
    }
  });
  it("says what is wrong", async () => {
    const usage = await evaluate("iou", ...flat);
    expect([usage.code, usage.err]).toEqual([2, expect.stringMatching(/3ddfa, interocular/)]);
    expect((await evaluate("3ddfa", "--truth", "flat/truth")).code).toBe(2);
    const of = async (protocol: string, own: string, truth: string): Promise<string> => {
      const { code, err } = await evaluate(protocol, "--predictions", own, "--truth", truth);
      expect(code).toBe(1);
      return err;
    };
    expect(await of("3ddfa", "flat/own", "empty")).toMatch(/holds neither/);
    expect(await of("3ddfa", "flat/own", "none")).toMatch(/none could not be read/);
    expect(await of("3ddfa", "empty", "flat/truth")).toMatch(/for 2 of 2 faces: a, b/);
    expect(await of("now", "solid/own", "eyes")).toMatch(/x cannot be measured: .*7 landmarks/);
    expect(await of("vrn", "solid/own", "solid/truth")).toMatch(/2 outer eye corners, got 7/);
    expect(await of("3ddfa", "few", "flat/truth")).toMatch(/a cannot be measured: .*got 6 and 8/);
    expect(await of("interocular", "flat/own", "flat/truth")).toMatch(/expected 68 points/);
    expect(await of("chamfer", "twice", "solid/truth")).toMatch(/two files of one kind for x/);
    expect(await of("pixel3dmm", "flat/own", "flat/truth")).toMatch(/has no mesh .* 2 of 2/);
    expect((await evaluate("3ddfa", ...flat, "--curve", "c.png")).err).toMatch(/drawn as \.svg/);
  });
});

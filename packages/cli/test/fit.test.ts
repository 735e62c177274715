import { mkdtemp, readdir, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type PerspectiveCamera, projectPoints } from "@headform/camera";
import { rotationFromAxisAngle } from "@headform/core-math";
import { readPly, writePly } from "@headform/mesh/io";
import { evaluate, evaluateLandmarks, type PcaModel, readHead } from "@headform/morphable-model";
import { loadHead } from "@headform/open-head/node";
import { beforeAll, describe, expect, it } from "vitest";
import { parseImageSize, parsePoints, parseVertexMap } from "../src/parse-fit-options.ts";
import { runIn } from "./run-in.ts";

let folder: string;
let head: PcaModel;
let truth: Float32Array;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "headform-fit-"));
  head = readHead((await loadHead()).head);
  truth = evaluate(head, { shape: [1, -1, 0.5] });
  const camera: PerspectiveCamera = {
    kind: "perspective",
    focalLength: 900,
    principalPoint: Float64Array.of(320, 240),
    rotation: rotationFromAxisAngle([0.05, 0.2, 0]),
    translation: Float64Array.of(0, 0, -1.2),
  };
  const screen = projectPoints(camera, evaluateLandmarks(truth, head));
  const pixels = Array.from({ length: 68 }, (_, l) => [screen[3 * l], screen[3 * l + 1]]);
  await writeFile(join(folder, "face.json"), JSON.stringify(pixels));
  const lines = pixels.map(([x, y]) => `${x + 0.5} ${y + 0.5}`);
  await writeFile(
    join(folder, "face.pts"),
    `version: 1\nn_points: 68\n{\n${lines.join("\n")}\n}\n`,
  );
  await writeFile(join(folder, "few.json"), JSON.stringify(pixels.slice(0, 5)));
  const scan = { positions: truth, indices: head.indices, unit: "m" as const };
  await writeFile(join(folder, "scan.ply"), writePly(scan));
  await writeFile(join(folder, "broken.ply"), "ply\nnonsense");
});

const fit = (...argv: string[]) => runIn(folder, ["fit", ...argv]);

describe("headform fit", () => {
  it("landmarks: camera and coefficients, from JSON and .pts alike", async () => {
    const before = await readdir(folder);
    const { code, out } = await fit("landmarks", "face.json", "--image", "640x480", "--json");
    expect(code).toBe(0);
    expect(await readdir(folder)).toEqual(before);
    const report = JSON.parse(out);
    // Most of it is distance along the outline, where a landmark may sit anywhere.
    expect(report.fit.residual).toBeLessThan(3);
    expect(report.fit.unit).toBe("pixels");
    expect(Object.keys(report.expression)).toHaveLength(52);
    expect(report.shape).toHaveLength(74);
    expect(report.camera.kind).toBe("perspective");
    const again = await fit("landmarks", "face.pts", "--image", "640x480", "--json");
    // The text of .pts rounds nothing but adds and takes half a pixel.
    expect(JSON.parse(again.out).fit.residual).toBeCloseTo(report.fit.residual, 5);
  });

  it("scan: writes the head where the scan is", async () => {
    const { code, out, err } = await fit("scan", "scan.ply", "-o", "fitted.ply");
    expect([code, out]).toEqual([0, "fitted.ply\n"]);
    expect(err).toMatch(/^scan\.ply: converged after \d+ steps, \S+ m left\n$/);
    const { positions } = readPly(await readFile(join(folder, "fitted.ply")));
    let squared = 0;
    for (let i = 0; i < positions.length; i++) squared += (positions[i] - truth[i]) ** 2;
    // Noise-free: a few hundredths of a millimeter, hidden parts (teeth, tongue) included.
    expect(Math.sqrt((3 * squared) / positions.length)).toBeLessThan(3e-4);
  });

  it("says what is wrong, with the exit code for it", async () => {
    const size = ["--image", "640x480"];
    expect((await fit("landmarks", "face.json", "--image", "big")).code).toBe(2);
    expect((await fit("landmarks", "face.json")).code).toBe(2);
    const few = await fit("landmarks", "few.json", ...size, "--json");
    expect([few.code, few.err]).toEqual([1, expect.stringMatching(/expected 68 landmarks/)]);
    expect((await fit("landmarks", "none.json", ...size)).err).toMatch(
      /none\.json could not be read/,
    );
    expect((await fit("scan", "broken.ply")).err).toMatch(/broken\.ply is no mesh/);
    expect((await fit("scan", "face.json")).code).toBe(2);
    expect((await fit("scan", "scan.ply", "-o", "scan.ply")).code).toBe(2);
  });
});

describe("words of fit", () => {
  it("reads sizes, points and maps", () => {
    expect(parseImageSize("640x480")).toEqual([640, 480]);
    expect(() => parseImageSize("0x4")).toThrow(/--image expects/);
    expect([...parsePoints("[[1,2],null]", "p.json", 2)]).toEqual([1, 2, Number.NaN, Number.NaN]);
    expect(() => parsePoints("[[1,2]]", "p.json", 3)).toThrow(/\[x, y, z\]/);
    expect(() => parsePoints("{", "p.json", 2)).toThrow(/no JSON/);
    expect([...parseVertexMap("[3,null]", "m.json")]).toEqual([3, -1]);
    expect(() => parseVertexMap("[1.5]", "m.json")).toThrow(/--map m\.json/);
  });
});

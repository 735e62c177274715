import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readObj } from "@headform/mesh/io";
import { loadSample } from "@headform/open-head/node";
import { expect, it } from "vitest";
import { run } from "../src/index.ts";

it("reconstruct --detail: the same face with a thousand vertices", async () => {
  const folder = await mkdtemp(join(tmpdir(), "headform-cli-detail-"));
  await writeFile(join(folder, "sample.jpg"), await loadSample());
  let out = "";
  let err = "";
  const reconstruct = (...more: string[]): Promise<number> =>
    run(["reconstruct", "sample.jpg", "-o", "head.obj", "--json", "-q", ...more], {
      cwd: folder,
      env: {},
      stdout: { write: (text) => (out += text) },
      stderr: { write: (text) => (err += text) },
    });
  expect([await reconstruct("--detail", "low"), err]).toEqual([0, ""]);
  const [face] = JSON.parse(out).images[0].faces;
  const mesh = readObj(await readFile(join(folder, "head.obj")));
  expect(mesh.positions.length).toBe(3000);
  expect(mesh.uvs!.length).toBeGreaterThan(2000);
  // Coefficients are the head's own, whatever its vertices.
  expect(face.shape).toHaveLength(74);
  expect(face.outputs).toEqual(["head.obj", "head.mtl", "head-texture.jpg"]);

  expect(await reconstruct("--detail", "low", "--model", "any.pkl")).toBe(2);
  expect(err).toMatch(/--detail belongs to the open head, not to --model/);
  err = "";
  expect(await reconstruct("--detail", "finest")).toBe(2);
  expect(err).toMatch(/Allowed choices are low, medium, high/);
});

import { mkdtemp, readdir, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readObj } from "@headform/mesh/io";
import { writeModel } from "@headform/morphable-model/io";
import { loadSample } from "@headform/open-head/node";
import { expect, it } from "vitest";
import { liddedOpenHead, openHead } from "../../morphable-model/test/fit/open-head.ts";
import { run } from "../src/index.ts";

it("reconstruct --model: a skinned model's coefficients and mesh, matched once", async () => {
  const folder = await mkdtemp(join(tmpdir(), "headform-cli-model-"));
  const model = liddedOpenHead(openHead());
  await writeFile(join(folder, "flame.safetensors"), writeModel(model));
  await writeFile(join(folder, "sample.jpg"), await loadSample());
  let out = "";
  let err = "";
  const argv = ["reconstruct", "sample.jpg", "--model", "flame.safetensors", "-o", "head.obj"];
  const again = (): Promise<number> =>
    run([...argv, "--json", "-q", "--force"], {
      cwd: folder,
      env: { XDG_CACHE_HOME: join(folder, "cache") },
      stdout: { write: (text) => (out += text) },
      stderr: { write: (text) => (err += text) },
    });
  expect([await again(), err]).toEqual([0, ""]);
  const [face] = JSON.parse(out).images[0].faces;
  expect(face.shape).toHaveLength(40);
  expect(Object.keys(face.expression)).toEqual([...model.expressionNames]);
  expect(Object.keys(face.joints)).toEqual(["root", "neck", "jaw", "leftEye"]);
  expect(face.joints.jaw).toHaveLength(3);
  for (const lid of face.eyelids) expect(lid >= 0 && lid <= 1).toBe(true);
  const mesh = readObj(await readFile(join(folder, "head.obj")));
  expect(mesh.positions.length).toBe(model.template.length);
  // The second run takes the match from the cache, and gives the same.
  expect(await readdir(join(folder, "cache/headform"))).toHaveLength(1);
  out = "";
  await again();
  const [same] = JSON.parse(out).images[0].faces;
  expect([same.shape, same.joints]).toEqual([face.shape, face.joints]);
});

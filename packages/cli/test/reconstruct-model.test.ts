import { mkdtemp, readdir, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type PerspectiveCamera, projectPoints } from "@headform/camera";
import { readObj, writeGlb } from "@headform/mesh/io";
import { evaluateLandmarks, type PcaModel, toMesh } from "@headform/morphable-model";
import { readModel, writeModel } from "@headform/morphable-model/io";
import { loadSample } from "@headform/open-head/node";
import { expect, it } from "vitest";
import { baselHead, ORIGIN } from "../../morphable-model/test/fit/basel-head.ts";
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

/** Runs `reconstruct --model file` twice on the sample and gives the two faces and the mesh. */
async function reconstructTwice(file: string, bytes: Uint8Array) {
  const folder = await mkdtemp(join(tmpdir(), "headform-cli-model-"));
  await writeFile(join(folder, file), bytes);
  await writeFile(join(folder, "sample.jpg"), await loadSample());
  const once = async () => {
    let out = "";
    let err = "";
    const argv = ["reconstruct", "sample.jpg", "--model", file, "-o", "head.obj"];
    const code = await run([...argv, "--json", "-q", "--force"], {
      cwd: folder,
      env: { XDG_CACHE_HOME: join(folder, "cache") },
      stdout: { write: (text) => (out += text) },
      stderr: { write: (text) => (err += text) },
    });
    expect([code, err]).toEqual([0, ""]);
    return JSON.parse(out).images[0].faces[0];
  };
  const first = await once();
  const cached = await readdir(join(folder, "cache/headform"));
  expect(cached).toHaveLength(1);
  const second = await once();
  expect(await readdir(join(folder, "cache/headform"))).toEqual(cached);
  expect([second.shape, second.expression]).toEqual([first.shape, first.expression]);
  const { positions } = readObj(await readFile(join(folder, "head.obj")));
  return { face: first, positions };
}

/**
 * Root mean square distance in the photo, in widths of the face's box, of the landmarks within the
 * face (18th to 68th) from those vertices of the model that lie next to them on the neutral heads.
 */
function landmarkError(
  face: { box: number[]; camera: PerspectiveCamera; landmarks68: number[][] },
  positions: ArrayLike<number>,
  mean: ArrayLike<number>,
  ofOpenHead: (value: number, axis: number) => number,
): number {
  const head = openHead();
  const pixels = projectPoints(face.camera, positions);
  const landmarks = evaluateLandmarks(head.mean, head).map((x, i) => ofOpenHead(x, i % 3));
  let squared = 0;
  for (let l = 17; l < 68; l++) {
    let [nearest, least] = [0, Number.POSITIVE_INFINITY];
    for (let v = 0; v < mean.length / 3; v++) {
      let d = 0;
      for (let a = 0; a < 3; a++) d += (mean[3 * v + a]! - landmarks[3 * l + a]!) ** 2;
      if (d < least) [nearest, least] = [v, d];
    }
    const [x, y] = face.landmarks68[l]!;
    squared += (pixels[3 * nearest]! - x!) ** 2 + (pixels[3 * nearest + 1]! - y!) ** 2;
  }
  return Math.sqrt(squared / 51) / face.box[2]!;
}

it("reconstruct --model: a model like Basel's, in millimeters and without landmarks", async () => {
  const model = baselHead(openHead());
  const { face, positions } = await reconstructTwice("basel.safetensors", writeModel(model));
  expect(face.shape).toHaveLength(model.shapeStandardDeviations.length);
  expect(Object.keys(face.expression)).toEqual([...model.expressionNames]);
  expect(face.joints).toBeUndefined();
  expect(positions).toHaveLength(model.mean.length);
  // 0.004 is measured, about a pixel; the nearest vertex lies that far from its landmark.
  const toBasel = (x: number, axis: number) => 1000 * x - ORIGIN[axis]!;
  expect(landmarkError(face, positions, model.mean, toBasel)).toBeLessThan(0.01);
});

it("reconstruct --model: a GLB with expressions and no shapes", async () => {
  const head = openHead();
  const bytes = await writeGlb(toMesh(head));
  const model = (await readModel(bytes)) as PcaModel;
  const { face, positions } = await reconstructTwice("morphs.glb", bytes);
  expect(face.shape).toEqual([]);
  expect(Object.keys(face.expression)).toEqual([...head.expressionNames]);
  for (const weight of Object.values<number>(face.expression)) {
    expect(weight >= 0 && weight <= 1).toBe(true);
  }
  expect(positions).toHaveLength(model.mean.length);
  // 0.012 is measured: the head stays the mean one, whose features lie elsewhere than the person's.
  expect(landmarkError(face, positions, model.mean, (x) => x)).toBeLessThan(0.03);
});

import { mkdtemp, readdir, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type PerspectiveCamera, projectPoints } from "@headform/camera";
import { readObj } from "@headform/mesh/io";
import { evaluateLandmarks } from "@headform/morphable-model";
import { loadSample } from "@headform/open-head/node";
import { expect } from "vitest";
import { openHead } from "../../morphable-model/test/fit/open-head.ts";
import { runIn } from "./run-in.ts";

/** Runs `reconstruct --model file` twice on the sample and gives the two faces and the mesh. */
export async function reconstructTwice(
  file: string,
  bytes: Uint8Array,
): Promise<{
  readonly face: {
    readonly box: number[];
    readonly camera: PerspectiveCamera;
    readonly landmarks68: number[][];
    readonly shape: number[];
    readonly expression: Readonly<Record<string, number>>;
    readonly joints?: unknown;
  };
  readonly positions: Float32Array;
}> {
  const folder = await mkdtemp(join(tmpdir(), "headform-cli-model-"));
  await writeFile(join(folder, file), bytes);
  await writeFile(join(folder, "sample.jpg"), await loadSample());
  const once = async () => {
    const argv = ["reconstruct", "sample.jpg", "--model", file, "-o", "head.obj"];
    const { code, out, err } = await runIn(folder, [...argv, "--json", "-q", "--force"], {
      XDG_CACHE_HOME: join(folder, "cache"),
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
export function landmarkError(
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

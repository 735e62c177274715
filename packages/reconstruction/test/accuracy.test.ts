import { readFileSync } from "node:fs";
import { join } from "node:path";
import { normalizedMeanError } from "@headform/evaluation";
import { createBackend } from "@headform/inference/node";
import { readHead } from "@headform/morphable-model";
import { loadHead, loadNetwork } from "@headform/open-head/node";
import { createReconstructor, reconstructPhoto } from "@headform/reconstruction";
import { sharedFolder } from "@headform/testing";
import sharp from "sharp";
import { expect, test } from "vitest";

const photos = sharedFolder("photos/aflw2000");

test.skipIf(!photos)("sixteen photos, own detection (needs the shared photos)", async () => {
  const folder = photos as string;
  const truths = JSON.parse(readFileSync(join(folder, "landmarks.json"), "utf8")) as Record<
    string,
    { landmarks68: number[][] }
  >;
  const reconstructor = await createReconstructor(
    {
      backend: await createBackend(),
      head: readHead((await loadHead()).head),
      dense: await loadNetwork("dense"),
      detector: await loadNetwork("detector"),
    },
    { textureSize: 0 },
  );
  const errors: number[] = [];
  for (const [name, { landmarks68 }] of Object.entries(truths)) {
    const { data, info } = await sharp(join(folder, name))
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    const image = {
      width: info.width,
      height: info.height,
      channels: 3 as const,
      data: new Uint8Array(data),
    };
    const faces = await reconstructPhoto(reconstructor, image);
    // Published with 1 as the first pixel: its center is 0.5 here.
    const truth = landmarks68.flatMap(([x, y]) => [x - 0.5, y - 0.5]);
    const nme = faces.map((face) =>
      normalizedMeanError(face.landmarks68, truth, { predictedStride: 3 }),
    );
    // A face that was not found, or another one, is far off by any measure.
    const best = Math.min(...nme);
    if (best < 0.2) errors.push(best);
  }
  await reconstructor.release();
  expect(errors.length).toBeGreaterThanOrEqual(15);
  const mean = errors.reduce((sum, x) => sum + x, 0) / errors.length;
  console.info(`NME ${(100 * mean).toFixed(2)} % on ${errors.length} of 16 photos`);
  // The figure promised; docs/accuracy.md has what is reached.
  expect(mean).toBeLessThanOrEqual(0.045);
});

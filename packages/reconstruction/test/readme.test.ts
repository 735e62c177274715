import { createBackend } from "@headform/inference/node";
import { readHead } from "@headform/morphable-model";
import { loadHead, loadNetwork } from "@headform/open-head/node";
import { createReconstructor, reconstructPhoto } from "@headform/reconstruction";
import { expect, test } from "vitest";

test("README: nobody in a black square", async () => {
  const reconstructor = await createReconstructor({
    backend: await createBackend(),
    head: readHead((await loadHead()).head),
    dense: await loadNetwork("dense"),
    detector: await loadNetwork("detector"),
  });
  const image = { width: 8, height: 8, channels: 3 as const, data: new Uint8Array(192) };
  const faces = await reconstructPhoto(reconstructor, image);
  expect(faces.length).toBe(0);
  await reconstructor.release();
});

import { reconstructPhoto } from "@headform/reconstruction";
import { loadReconstructor } from "@headform/reconstruction/node";
import { expect, test } from "vitest";

test("README: nobody in a black square", async () => {
  const reconstructor = await loadReconstructor();
  const image = { width: 8, height: 8, channels: 3 as const, data: new Uint8Array(192) };
  const faces = await reconstructPhoto(reconstructor, image);
  expect(faces.length).toBe(0);
  await reconstructor.release();
});

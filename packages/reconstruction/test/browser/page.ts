// What browser.test.ts runs in the page: the whole pipeline with nothing but the web entries.
import { createBackend } from "@headform/inference/web";
import { readHead } from "@headform/morphable-model";
import { loadHead, loadNetwork, loadSample } from "@headform/open-head/web";
import { createReconstructor, reconstructPhoto } from "@headform/reconstruction";
import * as ort from "onnxruntime-web/wasm";

async function reconstructSample(): Promise<object> {
  ort.env.wasm.numThreads = 1;
  ort.env.wasm.wasmPaths = "/ort/";
  const at = { baseUrl: new URL("/data/", location.href) };
  const reconstructor = await createReconstructor({
    backend: await createBackend({ ort }),
    head: readHead((await loadHead(at)).head),
    dense: await loadNetwork("dense", at),
    detector: await loadNetwork("detector", at),
  });
  // The browser decodes the JPEG and gives RGBA.
  const bitmap = await createImageBitmap(new Blob([(await loadSample(at)) as BlobPart]));
  const { width, height } = bitmap;
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d") as OffscreenCanvasRenderingContext2D;
  context.drawImage(bitmap, 0, 0);
  const { data } = context.getImageData(0, 0, width, height);
  const image = { width, height, channels: 4 as const, data: new Uint8Array(data.buffer) };
  const faces = await reconstructPhoto(reconstructor, image);
  await reconstructor.release();
  return {
    width,
    height,
    pixels: Array.from(image.data),
    faces: faces.map((face) => ({
      landmarks68: Array.from(face.landmarks68),
      shape: Array.from(face.shape),
      expression: Array.from(face.expression),
      texture: face.mesh.texture?.width,
    })),
  };
}

(globalThis as unknown as { result: Promise<object> }).result = reconstructSample();

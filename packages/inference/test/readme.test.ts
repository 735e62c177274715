import { readFileSync } from "node:fs";
import { createTensor } from "@headform/inference";
import { createBackend } from "@headform/inference/node";
import { expect, test } from "vitest";

test("the README's example prints what it says", async () => {
  const backend = await createBackend();
  const session = await backend.createSession(
    readFileSync(new URL("./fixtures/tiny.onnx", import.meta.url)),
  );
  const image = createTensor("float32", [1, 3, 6, 5]);
  const { planes } = await session.run({ image });
  expect([backend.name, session.inputNames, planes!.dims]).toEqual([
    "cpu",
    ["image"],
    [1, 4, 6, 5],
  ]);
  await session.release();
});

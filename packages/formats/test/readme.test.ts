import {
  type PickleValue,
  readPickle,
  toNdArray,
  toFloat32 as toSingles,
} from "@headform/formats/pickle";
import {
  readSafetensors,
  streamSafetensors,
  toFloat32,
  writeSafetensors,
} from "@headform/formats/safetensors";
import { expect, test } from "vitest";
import { fixture } from "./fixture.ts";

test("the example of the README", () => {
  const bytes = writeSafetensors(
    new Map([["mean", { dtype: "F32", shape: [2, 3], data: Float32Array.of(0, 1, 2, 3, 4, 5) }]]),
    { unit: "m" },
  );
  const { tensors, metadata } = readSafetensors(bytes);
  const mean = tensors.get("mean")!;
  expect([mean.shape, toFloat32(mean)[4], metadata.unit]).toEqual([[2, 3], 4, "m"]);
});

test("the example of the README with a stream", async () => {
  const bytes = writeSafetensors(
    new Map([["mean", { dtype: "F32", shape: [2, 3], data: Float32Array.of(0, 1, 2, 3, 4, 5) }]]),
    { unit: "m" },
  );
  const printed: unknown[] = [];
  for await (const part of streamSafetensors(new Blob([Uint8Array.from(bytes)]).stream())) {
    if (part.kind === "header") printed.push(part.metadata.unit, part.tensors.size);
    else printed.push(part.name, part.shape, part.data.length);
  }
  expect(printed).toEqual(["m", 1, "mean", [2, 3], 6]);
});

test("the example of the README with a pickle", () => {
  const bytes = fixture("head-2.pkl");
  const head = readPickle(bytes) as ReadonlyMap<string, PickleValue>;
  const template = toNdArray(head.get("v_template"))!;
  expect([template.shape, toSingles(template)[3]]).toEqual([[7, 3], 0.375]);
  const regressor = toNdArray(head.get("J_regressor"))!;
  expect(regressor.shape).toEqual([5, 7]);
});

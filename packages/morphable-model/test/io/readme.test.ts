import { readFileSync } from "node:fs";
import { evaluate } from "@headform/morphable-model";
import { readModel, writeModel } from "@headform/morphable-model/io";
import { expect, test } from "vitest";

const folder = new URL("../fixtures/models/", import.meta.url).pathname;

test("README: FLAME read, kept and read again", async () => {
  const names = ["generic_model.pkl", "FLAME_masks.pkl", "landmark_embedding.npy"];
  const flame = await readModel(new Map(names.map((name) => [name, readFileSync(folder + name)])));
  expect([flame.kind, flame.unit, flame.expressionNames.length]).toEqual(["skinned", "m", 100]);
  const again = await readModel(writeModel(flame));
  expect(evaluate(again, { shape: [3] })).toEqual(evaluate(flame, { shape: [3] }));
});

import { evaluateColors, type PcaModel } from "@headform/morphable-model";
import { readModel } from "@headform/morphable-model/io";
import { expect, test } from "vitest";
import { load } from "./io/models.ts";

const basel = (await readModel(load("model2017-1_bfm_nomouth.h5"))) as PcaModel;
// Numbers whose bytes are known: 0.4 · 255 = 102.
const model: PcaModel = {
  ...basel,
  color: {
    mean: new Float32Array(18).fill(0.4),
    basis: Float32Array.from({ length: 36 }, (_, i) => (i < 18 ? (i % 3) - 1 : 0.2)),
    standardDeviations: Float32Array.of(1, 1),
  },
};

test("mean plus coefficients times basis, in bytes", () => {
  expect([...evaluateColors(model)]).toEqual(new Array(18).fill(102));
  expect([...evaluateColors(model, [0.2]).subarray(0, 3)]).toEqual([51, 102, 153]);
  expect([...evaluateColors(model, [0.2, 1]).subarray(15)]).toEqual([102, 153, 204]);
  // Cut at both ends.
  expect([...evaluateColors(model, [2]).subarray(3, 6)]).toEqual([0, 102, 255]);
});

test("refuses what it cannot evaluate", () => {
  const { color: _, ...plain } = basel;
  expect(() => evaluateColors(plain)).toThrow(/^evaluateColors: expected a model with colors, got/);
  expect(() => evaluateColors(model, [0, 0, 0])).toThrow(RangeError);
  expect(() => evaluateColors(model, [Number.NaN])).toThrow(RangeError);
});

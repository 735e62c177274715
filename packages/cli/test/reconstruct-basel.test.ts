import { writeModel } from "@headform/morphable-model/io";
import { expect, it } from "vitest";
import { baselHead, ORIGIN } from "../../morphable-model/test/fit/basel-head.ts";
import { openHead } from "../../morphable-model/test/fit/open-head.ts";
import { landmarkError, reconstructTwice } from "./reconstruct-twice.ts";

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

import { expect, test } from "vitest";
import { labelOf, partOf } from "../src/components/expression-labels.ts";

test.each([
  ["mouthSmileLeft", "Smile left", "Mouth"],
  ["mouthLeft", "Mouth left", "Mouth"],
  ["jawOpen", "Jaw open", "Jaw"],
  ["eyeLookInRight", "Look in right", "Eyes"],
  ["noseSneerLeft", "Nose sneer left", "Cheeks and nose"],
  ["browInnerUp", "Inner up", "Brows"],
  ["tongueOut", "Tongue out", "Mouth"],
])("%s is %s", (name, label, part) => {
  expect(labelOf(name)).toBe(label);
  expect(partOf(name)).toBe(part);
});

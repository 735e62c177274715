import { existsSync } from "node:fs";
import { loadHead, loadNetwork } from "@headform/open-head/node";
import { expect, test } from "vitest";

const complete = ["head.json", "detector.json"].every((file) =>
  existsSync(new URL(`../data/${file}`, import.meta.url)),
);

test.skipIf(!complete)("the README's example prints what it says", async () => {
  const { head } = await loadHead();
  const { manifest } = await loadNetwork("detector");
  expect(head.length).toBeGreaterThan(0);
  expect((await loadHead({ detail: "low" })).detail!.length).toBeLessThan(head.length / 100);
  expect([manifest.name, manifest.licence]).toEqual(["headform-detector", "MIT"]);
});

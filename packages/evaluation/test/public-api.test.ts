import * as evaluation from "@headform/evaluation";
import { expect, test } from "vitest";

test("exports", () => {
  expect(Object.keys(evaluation).sort()).toEqual(["normalizedMeanError"]);
});

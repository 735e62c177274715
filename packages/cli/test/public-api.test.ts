import * as headform from "headform";
import { expect, it } from "vitest";

it("exports what the README says", () => {
  expect(Object.keys(headform).sort()).toEqual(["EXIT_CODES", "run"]);
});

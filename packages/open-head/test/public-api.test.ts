import * as openHead from "@headform/open-head";
import * as node from "@headform/open-head/node";
import * as web from "@headform/open-head/web";
import { expect, test } from "vitest";

test("exports exactly these names", () => {
  expect(Object.keys(openHead).sort()).toEqual([
    "DEFAULT_DETAIL",
    "DETAILS",
    "OpenHeadError",
    "isOpenHeadError",
  ]);
  expect(Object.keys(node).sort()).toEqual(["loadHead", "loadNetwork", "loadSample"]);
  expect(Object.keys(web).sort()).toEqual(Object.keys(node).sort());
});

import * as volume from "@headform/volume";
import { expect, test } from "vitest";

test("exports exactly these names", () => {
  expect(Object.keys(volume).sort()).toEqual([
    "DECIMATE_DEFAULTS",
    "ISOSURFACE_DEFAULTS",
    "checkGrid",
    "decimate",
    "distanceField",
    "isosurface",
    "largestComponent",
    "officialSurface",
    "smoothVolume",
    "voxelize",
  ]);
});

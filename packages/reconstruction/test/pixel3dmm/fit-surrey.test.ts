import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createRandom } from "@headform/core-math";
import { evaluate } from "@headform/morphable-model";
import { readModel } from "@headform/morphable-model/io";
import { createSurfaceFitter, fitSurfaceMaps } from "@headform/reconstruction";
import { sharedFolder } from "@headform/testing";
import { describe, expect, test } from "vitest";
import { truthErrors } from "./measure-faces.ts";
import { syntheticSurface } from "./synthetic-maps.ts";

const SEED = 3;
const folder = sharedFolder("models/eos");

describe.skipIf(!folder)("Surrey's model with its own uv (needs the shared eos models)", () => {
  test(`comes back from maps without noise, in millimeters (seed ${SEED})`, async () => {
    const names = ["sfm_shape_3448.bin", "expression_blendshapes_3448.bin"];
    const model = await readModel(
      new Map(names.map((name) => [name, new Uint8Array(readFileSync(join(folder!, name)))])),
    );
    expect(model.unit).toBe("mm");
    const fitter = createSurfaceFitter(model);
    const random = createRandom(SEED);
    for (let i = 0; i < 2; i++) {
      const face = syntheticSurface(model, random, { size: 128 });
      const fit = fitSurfaceMaps(fitter, face.maps);
      // A mask, open at the back, of half the open head's pixels here: twice its required figure.
      expect(truthErrors(model, face, evaluate(model, fit)).seen).toBeLessThan(0.2);
    }
  });
});

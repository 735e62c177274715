import { applyMorphTargets, boundsOf, computeNormals, type Mesh } from "@headform/mesh";
import { readGlb, writeGlb, writeObj } from "@headform/mesh/io";
import { expect, test } from "vitest";

test("the example of the README", async () => {
  const triangle: Mesh = {
    positions: Float32Array.of(0, 0, 0, 0.1, 0, 0, 0, 0.1, 0),
    indices: Uint32Array.of(0, 1, 2),
    unit: "m",
    morphTargets: [
      { name: "jawOpen", weight: 0.5, offsets: Float32Array.of(0, -0.02, 0, 0, 0, 0, 0, 0, 0) },
    ],
  };
  const posed = applyMorphTargets(triangle);
  const printed = [
    boundsOf(posed).min,
    computeNormals(posed)[2],
    writeObj(posed).obj.split("\n")[2],
  ];
  expect(printed).toEqual([Float64Array.of(0, Math.fround(-0.01), 0), 1, "v 0 -0.01 0"]);

  const glb = await writeGlb(triangle, { name: "triangle" });
  const back = await readGlb(glb);
  expect([back.morphTargets![0]!.name, back.morphTargets![0]!.weight]).toEqual(["jawOpen", 0.5]);
});

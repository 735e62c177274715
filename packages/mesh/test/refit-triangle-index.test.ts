import { closestPoints, createTriangleIndex, refitTriangleIndex } from "@headform/mesh";
import { createRandom } from "@headform/testing";
import { expect, test } from "vitest";
import { sheet } from "./shapes.ts";

test("a refitted tree gives the new tree's answers, however far the mesh has moved", () => {
  const mesh = sheet(12, 5);
  const random = createRandom(7);
  const index = createTriangleIndex(mesh, [...Array(200).keys()]);
  const queries = Float64Array.from({ length: 150 }, () => 1.4 * random() - 0.2);
  const before = closestPoints(index, queries);
  for (const spread of [0.01, 0.3, 3]) {
    const positions = mesh.positions.map((x) => x + spread * (random() - 0.5));
    const again = closestPoints(refitTriangleIndex(index, positions), queries);
    const anew = createTriangleIndex({ ...mesh, positions }, [...Array(200).keys()]);
    expect([...again.squaredDistances]).toEqual([...closestPoints(anew, queries).squaredDistances]);
  }
  // The tree it came from is as it was.
  expect(closestPoints(index, queries)).toEqual(before);
});

test("refuses another mesh", () => {
  const mesh = sheet(3, 1);
  const index = createTriangleIndex(mesh);
  expect(() => refitTriangleIndex(index, [0, 0, 0])).toThrow(
    /^refitTriangleIndex: expected \d+ numbers, got 3$/,
  );
  const broken = Float64Array.from(mesh.positions).fill(Number.NaN, 0, 3);
  expect(() => refitTriangleIndex(index, broken)).toThrow(/expected finite positions/);
});

import {
  type Correspondence,
  evaluate,
  fitCorrespondence,
  type SkinnedCoefficients,
  transferCoefficients,
} from "@headform/morphable-model";
import { expect, test } from "vitest";
import { asBasel, baselHead, ORIGIN } from "./basel-head.ts";
import { distance, openHead, person, skinnedOpenHead } from "./open-head.ts";

const head = openHead();
const basel = baselHead(head);
const flame = skinnedOpenHead(head);
const toFlame = fitCorrespondence(basel, flame);
const toBasel = fitCorrespondence(flame, basel);

/** There and back: both heads' vertices where the maps are sure, the root mean square between them. */
function roundTrip(
  there: Correspondence,
  back: Correspondence,
  who: SkinnedCoefficients,
): { distance: number; moved: number } {
  const home = transferCoefficients(back, transferCoefficients(there, who));
  const sure = (positions: Float32Array): Float32Array =>
    positions.filter((_, i) => back.weights[Math.floor(i / 3)] > 0.5);
  const truth = sure(evaluate(there.from, who));
  return {
    distance: distance(sure(evaluate(there.from, home)), truth),
    moved: distance(sure(evaluate(there.from)), truth),
  };
}

test("without common landmarks the two lie on one another, whatever their origins", () => {
  for (const [map, sign] of [
    [toFlame, -1],
    [toBasel, 1],
  ] as const) {
    // The skinned vertices lie beside the skin by its curvature: measured 0.53 and 0.20 mm.
    expect(map.residual).toBeLessThan(0.8);
    expect(map.similarity.scale).toBeCloseTo(1, 9);
    // Found by ICP on surfaces 0.5 mm apart, of which one has a neck: measured 0.1 mm.
    ORIGIN.forEach((wanted, axis) => {
      expect(Math.abs(map.similarity.translation[axis] - sign * wanted)).toBeLessThan(0.3);
    });
  }
  const sure = (map: Correspondence): number =>
    map.weights.filter((weight) => weight > 0).length / map.weights.length;
  // Every vertex of the skin is on the skinned head; its eyeballs, teeth and neck are on no skin.
  expect(sure(toBasel)).toBe(1);
  expect(sure(toFlame)).toBeGreaterThan(0.7);
  expect(sure(toFlame)).toBeLessThan(0.85);
});

test.each([3, 4, 5])("person %d of the one comes back from the other", (seed) => {
  const who = asBasel(head, person(head, seed, { jawOpen: 0.3, mouthSmileLeft: 0.5 }));
  const there = roundTrip(toFlame, toBasel, who);
  // 40 of 74 shapes and a jaw joint instead of jawOpen: measured 0.9 to 1.3 mm of 5 to 8.
  expect(there.distance).toBeLessThan(1.6);
  expect(there.distance).toBeLessThan(0.25 * there.moved);

  const other = person(flame, seed, { mouthSmileLeft: 0.5, browInnerUp: 0.3 });
  const jawOpen = Float64Array.from({ length: 12 }, (_, i) => (i === 6 ? 0.15 : 0));
  const back = roundTrip(toBasel, toFlame, { ...other, pose: jawOpen });
  // All 40 shapes lie in the span of the 74; the regularization and the mesh are left: 0.3 mm.
  expect(back.distance).toBeLessThan(0.5);
  expect(back.distance).toBeLessThan(0.1 * back.moved);
});

import { evaluate, fitCorrespondence, transferCoefficients } from "@headform/morphable-model";
import { describe, expect, test } from "vitest";
import { distance, liddedOpenHead, openHead, person, skinnedOpenHead } from "./open-head.ts";

const head = openHead();
const skin = skinnedOpenHead(head);
const who = person(head, 3, { jawOpen: 0.4, mouthSmileLeft: 0.5, browInnerUp: 0.3 });
const truth = evaluate(head, who);
const identity = {
  scale: 1,
  rotation: Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1),
  translation: new Float64Array(3),
};
const skinOfFace = head.regionNames!.indexOf("faceSkin");
const onFace = (positions: Float32Array): Float32Array =>
  positions.filter((_, i) => head.regions![Math.floor(i / 3)] === skinOfFace);

describe("from model to model", () => {
  test("to a skinned model of another mesh, unit and basis, and back", () => {
    const there = fitCorrespondence(head, skin);
    // The other model's vertices lie beside the first's surface by its curvature.
    expect(there.residual).toBeLessThan(1e-3);
    expect(there.similarity.scale).toBeCloseTo(1e-3, 9);
    const flame = transferCoefficients(there, who);
    // 40 of 74 shapes, a jaw joint instead of jawOpen: measured 1.5 mm and 1.2 mm.
    expect(flame.shapeResidual).toBeLessThan(2);
    expect(flame.expressionResidual).toBeLessThan(2);
    for (let k = 0; k < 4; k++) expect(Math.abs(flame.shape[k] - who.shape[k])).toBeLessThan(0.3);
    expect(flame.pose?.[6]).toBeGreaterThan(0.1);
    const smile = skin.expressionNames.indexOf("mouthSmileLeft");
    expect(Math.abs(flame.expression[smile] - 0.5)).toBeLessThan(0.1);

    const back = fitCorrespondence(skin, head);
    const home = transferCoefficients(back, {
      ...flame,
      pose: [9, 9, 9, ...(flame.pose ?? []).slice(3)],
    });
    // The root's turn is the camera's matter and is not carried; ARKit weights come out.
    expect(distance(onFace(evaluate(head, home)), onFace(truth))).toBeLessThan(2.5e-3);
    const weight = (name: string): number => home.expression[head.expressionNames.indexOf(name)];
    expect(weight("jawOpen")).toBeGreaterThan(0.15);
    expect(Math.abs(weight("mouthSmileLeft") - 0.5)).toBeLessThan(0.15);
    expect(Math.min(...home.expression)).toBeGreaterThanOrEqual(0);
  });

  test("a blink becomes eyelids where the other model has them for it", () => {
    const lidded = liddedOpenHead(head);
    const map = fitCorrespondence(head, lidded);
    const expression = new Float64Array(head.expressionNames.length);
    expression[head.expressionNames.indexOf("eyeBlinkLeft")] = 0.8;
    const { eyelids } = transferCoefficients(map, { expression });
    // The vertices lie beside the original ones, so a lid's edge tells its part to a tenth.
    expect(Math.abs(eyelids![0] - 0.8)).toBeLessThan(0.15);
    expect(eyelids![1]).toBeLessThan(0.1);
  });

  test("a model to itself gives its coefficients back", () => {
    const map = fitCorrespondence(head, head);
    expect(map.residual).toBeLessThan(1e-6);
    const same = transferCoefficients(map, who, { regularization: 1e-6 });
    // Vertices come home to a micrometer, so the best-seen coefficients to a thousandth.
    expect(distance(onFace(evaluate(head, same)), onFace(truth))).toBeLessThan(2e-5);
    expect(same.shape[0]).toBeCloseTo(who.shape[0], 2);
    expect(same.expression[head.expressionNames.indexOf("jawOpen")]).toBeCloseTo(0.4, 2);
  });

  test("a model without landmarks is placed by ICP", () => {
    const { landmarks: _, ...bare } = skin;
    expect(fitCorrespondence(head, bare).residual).toBeLessThan(1e-3);
  });

  test("a model with another choice of landmarks is placed by its shape", () => {
    const one = { triangles: new Uint32Array(1), barycentrics: Float32Array.of(1, 0, 0) };
    const map = fitCorrespondence(head, { ...skin, landmarks: { static: one } });
    // As near as with landmarks: the same surface, in millimeters.
    expect(map.residual).toBeLessThan(1e-3);
    expect(map.similarity.scale).toBeCloseTo(1e-3, 4);
  });

  test("errors", () => {
    expect(() => fitCorrespondence(head, skin, { maxDistance: 0 })).toThrow(/maxDistance above 0/);
    const map = {
      from: head,
      to: head,
      points: { triangles: new Uint32Array(0), barycentrics: new Float32Array(0) },
      weights: new Float64Array(0),
      similarity: identity,
      residual: 0,
    };
    expect(() => transferCoefficients(map, {}, { maximum: 0 })).toThrow(/maximum above 0, got 0/);
    expect(() => transferCoefficients(map, {}, { regularization: 0 })).toThrow(/above 0, got 0/);
  });
});

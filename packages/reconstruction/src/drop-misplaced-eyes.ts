import type { PcaModel } from "@headform/morphable-model";

/** Iris over eyeball, brightness: above this the photo shows no iris where the head has it. */
const IRIS_CONTRAST = 0.75;

const EYES = [
  { ball: "leftEyeball", iris: "leftIris" },
  { ball: "rightEyeball", iris: "rightIris" },
] as const;

/**
 * Takes the trust from eyes that look elsewhere than the head's: white where the iris should be is
 * worse than the model's own eye.
 *
 * @param trust [V] 0…1, changed
 * @param seen [V×3] the photo's color at each vertex
 */
export function dropMisplacedEyes(model: PcaModel, trust: Float32Array, seen: Float32Array): void {
  for (const { ball, iris } of EYES) {
    const [onBall, onIris] = [ball, iris].map((name) => model.regionNames?.indexOf(name) ?? -1);
    const [white, dark] = [onBall, onIris].map((region) => brightness(model, region, trust, seen));
    if (!(dark > IRIS_CONTRAST * white)) continue;
    for (let v = 0; v < trust.length; v++) {
      const region = model.regions?.[v];
      if (region === onBall || region === onIris) trust[v] = 0;
    }
  }
}

/** Mean brightness of a region's trusted vertices; NaN when there is none. */
function brightness(
  model: PcaModel,
  region: number,
  trust: Float32Array,
  seen: Float32Array,
): number {
  let sum = 0;
  let total = 0;
  for (let v = 0; v < trust.length; v++) {
    if (model.regions?.[v] !== region) continue;
    sum += trust[v] * (seen[3 * v] + seen[3 * v + 1] + seen[3 * v + 2]);
    total += trust[v];
  }
  return sum / total;
}

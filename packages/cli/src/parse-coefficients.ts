import { createRandom } from "@headform/core-math";
import type { PcaModel, SkinnedCoefficients, SkinnedModel } from "@headform/morphable-model";
import { Failure } from "./failure.ts";

/** What `model sample` is asked for. */
export interface SampleOptions {
  readonly shape?: string;
  readonly expression?: string;
  readonly pose?: string;
  readonly seed?: string;
}

/**
 * Coefficients from the command line: lists `1,0,-0.5`, and `neck=x,y,z;jaw=…` in radians. With a
 * seed the shape is drawn at random and what is listed replaces its first entries.
 *
 * @throws {Failure} usage, naming the option and what the model has
 */
export function parseCoefficients(
  options: SampleOptions,
  model: PcaModel | SkinnedModel,
): SkinnedCoefficients {
  const { shapeStandardDeviations: shapes, expressionStandardDeviations: expressions } = model;
  const shape = new Float64Array(shapes.length);
  if (options.seed !== undefined) {
    const seed = Number(options.seed);
    if (!Number.isInteger(seed) || seed < 0) {
      throw new Failure(
        "usage",
        "wrong-seed",
        `--seed expects a whole number, got "${options.seed}".`,
      );
    }
    const random = createRandom(seed);
    for (let k = 0; k < shape.length; k++) shape[k] = random.normal() * (shapes[k] as number);
  }
  // Listed numbers are standard deviations; models with unscaled bases have their own.
  parseList("--shape", options.shape, shapes.length).forEach((value, k) => {
    shape[k] = value * (shapes[k] as number);
  });
  const expression = Float64Array.from(
    parseList("--expression", options.expression, expressions.length),
  );
  return {
    shape,
    expression,
    ...(options.pose === undefined ? {} : { pose: parsePose(options.pose, model) }),
  };
}

function parseList(option: string, text: string | undefined, length: number): number[] {
  if (text === undefined) return [];
  const numbers = text.split(",").map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
  if (!numbers.every(Number.isFinite)) {
    throw new Failure(
      "usage",
      "wrong-numbers",
      `${option} expects numbers 1,0,-0.5; got "${text}".`,
    );
  }
  if (numbers.length > length) {
    throw new Failure(
      "usage",
      "too-many-numbers",
      `${option} gives ${numbers.length} numbers; the model has ${length}.`,
    );
  }
  return numbers;
}

function parsePose(text: string, model: PcaModel | SkinnedModel): Float64Array {
  if (model.kind !== "skinned") {
    throw new Failure("usage", "no-joints", `--pose: ${model.name} is a PCA model without joints.`);
  }
  const pose = new Float64Array(3 * model.parents.length);
  for (const entry of text.split(";").filter((part) => part.trim() !== "")) {
    const [name = "", list] = entry.split("=") as [string, string | undefined];
    const joint = model.jointNames.indexOf(name.trim());
    if (joint < 0) {
      throw new Failure(
        "usage",
        "unknown-joint",
        `--pose: the model has no joint "${name.trim()}"; its joints are ${model.jointNames.join(", ")}.`,
      );
    }
    const numbers = parseList(`--pose ${name}`, list ?? "", 3);
    if (numbers.length !== 3) {
      throw new Failure("usage", "wrong-numbers", `--pose ${name} expects x,y,z in radians.`);
    }
    pose.set(numbers, 3 * joint);
  }
  return pose;
}

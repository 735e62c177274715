import { createHash } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { readSafetensors, writeSafetensors } from "@headform/formats/safetensors";
import { cacheFolder } from "@headform/inference/node";
import {
  type Correspondence,
  evaluate,
  fitCorrespondence,
  type PcaModel,
  type SkinnedModel,
} from "@headform/morphable-model";
import { Failure } from "./failure.ts";
import type { Terminal } from "./terminal.ts";

/** Part of each key: raise it when `fitCorrespondence` changes what it gives. */
const CACHE_VERSION = 2;

/**
 * The map from the open head, which the networks speak, to another model: fitted once, then taken
 * from the cache.
 *
 * @throws {Failure} when the two models cannot be brought together
 */
export async function loadCorrespondence(
  from: PcaModel,
  to: PcaModel | SkinnedModel,
  env: Terminal["env"],
): Promise<Correspondence> {
  const path = join(cacheFolder({ env }), `correspondence-${keyOf(from, to)}.safetensors`);
  const cached = await readFile(path).then(
    (bytes) => readCorrespondence(bytes, from, to),
    () => undefined,
  );
  if (cached) return cached;
  let map: Correspondence;
  try {
    map = fitCorrespondence(from, to);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Failure(
      "failed",
      "no-correspondence",
      `--model: ${to.name} cannot be matched with the open head (${reason}).`,
      { cause },
    );
  }
  // A cache that cannot be written costs time, not the result.
  await writeCache(path, writeCorrespondence(map)).catch(() => {});
  return map;
}

/** Both mean heads and their triangles decide the map. */
function keyOf(from: PcaModel, to: PcaModel | SkinnedModel): string {
  const hash = createHash("sha256").update(`${CACHE_VERSION} ${to.kind} ${to.unit}`);
  for (const model of [from, to]) {
    hash.update(evaluate(model)).update(model.indices);
    hash.update(model.shapeBasis.subarray(0, 3000)).update(model.shapeStandardDeviations);
  }
  return hash.digest("hex").slice(0, 32);
}

function writeCorrespondence(map: Correspondence): Uint8Array {
  const count = map.weights.length;
  const { scale, rotation, translation } = map.similarity;
  return writeSafetensors(
    new Map([
      ["triangles", { dtype: "U32", shape: [count], data: map.points.triangles }],
      ["barycentrics", { dtype: "F32", shape: [count, 3], data: map.points.barycentrics }],
      ["weights", { dtype: "F64", shape: [count], data: map.weights }],
      ["rotation", { dtype: "F64", shape: [3, 3], data: rotation }],
      ["translation", { dtype: "F64", shape: [3], data: translation }],
      ["numbers", { dtype: "F64", shape: [2], data: Float64Array.of(scale, map.residual) }],
    ]),
    { format: "headform-correspondence" },
  );
}

/** Undefined when the bytes are not what was written: then the map is fitted anew. */
function readCorrespondence(
  bytes: Uint8Array,
  from: PcaModel,
  to: PcaModel | SkinnedModel,
): Correspondence | undefined {
  try {
    const { tensors } = readSafetensors(new Uint8Array(bytes));
    const data = <T>(name: string): T => tensors.get(name)?.data as T;
    const [scale, residual] = data<Float64Array>("numbers") as unknown as [number, number];
    const triangles = data<Uint32Array>("triangles");
    const vertices = evaluate(to).length / 3;
    if (triangles.length !== vertices) return undefined;
    if (triangles.some((triangle) => triangle >= from.indices.length / 3)) return undefined;
    return {
      from,
      to,
      points: { triangles, barycentrics: data<Float32Array>("barycentrics") },
      weights: data<Float64Array>("weights"),
      similarity: {
        scale,
        rotation: data<Float64Array>("rotation"),
        translation: data<Float64Array>("translation"),
      },
      residual,
    };
  } catch {
    return undefined;
  }
}

async function writeCache(path: string, bytes: Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}.tmp`;
  await writeFile(temporary, bytes);
  await rename(temporary, path);
}

import { expect, test } from "vitest";
import type { Ask } from "../src/ask-worker.ts";
import { createPoser } from "../src/pose-newest.ts";
import type { Coefficients, PosedHead } from "../src/protocol.ts";

const at = (value: number): Coefficients => ({
  shape: Float64Array.of(value),
  expression: Float64Array.of(),
});

test("of all that come while the worker is busy, only the newest is posed", async () => {
  const asked: number[] = [];
  const posed: PosedHead[] = [];
  const ask = (async (question: { shape: Float64Array }) => {
    asked.push(question.shape[0]!);
    await new Promise((done) => setTimeout(done, 5));
    return { positions: Float32Array.from(question.shape), normals: new Float32Array(0) };
  }) as unknown as Ask;
  const pose = createPoser(ask, (head) => posed.push(head));
  const first = pose(at(1));
  for (const value of [2, 3, 4]) await pose(at(value));
  await first;
  expect(asked).toEqual([1, 4]);
  expect(posed.map(({ positions }) => positions[0])).toEqual([1, 4]);
});

test("after a failure the next is posed again", async () => {
  let fails = true;
  const ask = (async () => {
    if (fails) throw new Error("the worker has stopped");
    return { positions: new Float32Array(0), normals: new Float32Array(0) };
  }) as unknown as Ask;
  const posed: PosedHead[] = [];
  const pose = createPoser(ask, (head) => posed.push(head));
  await expect(pose(at(1))).rejects.toThrow("stopped");
  fails = false;
  await pose(at(2));
  expect(posed).toHaveLength(1);
});

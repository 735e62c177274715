import { readFileSync } from "node:fs";
import { Worker } from "node:worker_threads";
import {
  type Backend,
  createTensor,
  isInferenceError,
  runBatch,
  type Session,
} from "@headform/inference";
import { createBackend } from "@headform/inference/node";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";

const fixture = (name: string): URL => new URL(`./fixtures/${name}`, import.meta.url);
const model = new Uint8Array(readFileSync(fixture("tiny.onnx")));
const reference = JSON.parse(readFileSync(fixture("tiny.json"), "utf8")) as {
  dims: number[];
  input: number[];
};
const image = createTensor("float32", reference.dims, Float32Array.from(reference.input));

const codeOf = async (work: Promise<unknown>): Promise<string> => {
  const error = await work.catch((e: unknown) => e);
  return isInferenceError(error) ? error.code : `not an InferenceError: ${String(error)}`;
};

describe.each(["cpu", "wasm"] as const)("%s in a thread of its own", (prefer) => {
  let backend: Backend;
  let session: Session;
  beforeAll(async () => {
    backend = await createBackend({ prefer, threads: 1, worker: true });
    session = await backend.createSession(model);
  });
  afterAll(() => backend.release());

  test("is the same session as here, to the last bit", async () => {
    const here = await (await createBackend({ prefer, threads: 1 })).createSession(model);
    const { run: _, release: __, ...facts } = here;
    expect(session).toMatchObject(facts);
    expect(await session.run({ image })).toEqual(await here.run({ image }));
    expect(image.data).toHaveLength(reference.input.length);
    await here.release();
  });

  test("reads inputs when asked, also a part of a buffer, also a shared one", async () => {
    const { planes } = await session.run({ image });
    const shared = new Float32Array(new SharedArrayBuffer(4 * (image.data.length + 7)), 28);
    shared.set(image.data as Float32Array);
    const run = session.run({ image: createTensor("float32", image.dims, shared) });
    shared.fill(9);
    expect((await run).planes).toEqual(planes);
  });

  test("names what does not fit", async () => {
    expect(await codeOf(session.run({}))).toBe("input");
    expect(await codeOf(backend.createSession(model.slice(0, 200)))).toBe("model");
  });

  test("is aborted before it begins, while it waits, and while it runs", async () => {
    await expect(session.run({ image }, { signal: AbortSignal.abort() })).rejects.toThrow(
      expect.objectContaining({ name: "AbortError" }),
    );
    const first = new AbortController();
    const second = new AbortController();
    const running = session.run({ image }, { signal: first.signal });
    const queued = session.run({ image }, { signal: second.signal });
    const last = session.run({ image });
    first.abort();
    second.abort(new Error("no longer wanted"));
    await expect(running).rejects.toThrow(expect.objectContaining({ name: "AbortError" }));
    await expect(queued).rejects.toThrow("no longer wanted");
    expect((await last).planes.dims).toEqual([1, 4, 6, 5]);
  });

  test("refuses to run once released", async () => {
    const own = await backend.createSession(model);
    const last = own.run({ image });
    await own.release();
    await own.release();
    expect((await last).planes.dims).toEqual([1, 4, 6, 5]);
    expect(await codeOf(own.run({ image }))).toBe("released");
  });
});

test("this thread goes on while the other runs", async () => {
  const big = createTensor("float32", [1, 3, 1000, 1000]);
  const turnsDuringRun = async (worker: boolean): Promise<number> => {
    const backend = await createBackend({ prefer: "cpu", threads: 1, worker });
    const session = await backend.createSession(model);
    let turns = 0;
    let done = false;
    const count = (): void => {
      turns++;
      if (!done) setImmediate(count);
    };
    setImmediate(count);
    await session.run({ image: big });
    done = true;
    await session.release();
    await backend.release();
    return turns;
  };
  // The event loop turns a few times around a run here, and thousands of times beside one there.
  expect(await turnsDuringRun(false)).toBeLessThan(20);
  expect(await turnsDuringRun(true)).toBeGreaterThan(20);
});

test("the end of the backend ends its runs and sessions", async () => {
  const backend = await createBackend({ prefer: "cpu", worker: true });
  const session = await backend.createSession(model);
  const run = codeOf(session.run({ image }));
  await backend.release();
  await backend.release();
  expect(await run).toBe("released");
  expect(await codeOf(session.run({ image }))).toBe("released");
  expect(await codeOf(backend.createSession(model))).toBe("released");
  await session.release();
});

test("a thread that dies says so, to the run under way and to every later one", async () => {
  const threads: Worker[] = [];
  const spy = vi.spyOn(Worker.prototype, "postMessage").mockImplementation(function (
    this: Worker,
    ...message
  ) {
    threads.push(this);
    spy.mockRestore();
    this.postMessage(...message);
  });
  const backend = await createBackend({ prefer: "cpu", worker: true });
  const session = await backend.createSession(model);
  const run = session.run({ image: createTensor("float32", [1, 3, 1000, 1000]) });
  const failure = expect(run).rejects.toThrow(
    "the worker that runs the networks broke (it ended with exit code 1): create a new backend",
  );
  await threads[0]!.terminate();
  await failure;
  expect(await codeOf(session.run({ image }))).toBe("worker");
  expect(await codeOf(backend.createSession(model))).toBe("worker");
  await session.release();
  await backend.release();
});

test.each([false, true])("1,000 runs do not grow memory (worker: %s)", async (worker) => {
  const backend = await createBackend({ prefer: "cpu", threads: 1, worker });
  const session = await backend.createSession(model);
  // 49 kB in and 66 kB out: a run that kept its tensors would add 115 MB in a thousand.
  const picture = createTensor("float32", [1, 3, 64, 64]);
  const runs = async (count: number): Promise<number> => {
    for (let i = 0; i < count; i++) await session.run({ image: picture });
    return process.memoryUsage().rss;
  };
  const warm = await runs(300);
  const after = await runs(1000);
  await session.release();
  await backend.release();
  // Collectors run when they like: some MB more or less.
  expect(after - warm).toBeLessThan(40e6);
});

test("creating and releasing sessions does not grow memory", async () => {
  const backend = await createBackend({ prefer: "cpu", threads: 1, worker: true });
  const cycles = async (count: number): Promise<number> => {
    for (let i = 0; i < count; i++) await (await backend.createSession(model)).release();
    return process.memoryUsage().rss;
  };
  const warm = await cycles(50);
  const after = await cycles(200);
  await backend.release();
  expect(after - warm).toBeLessThan(40e6);
});

describe("a batch", () => {
  test("of a network that takes one at a time is run one by one", async () => {
    const backend = await createBackend({ prefer: "cpu", threads: 1 });
    const session = await backend.createSession(model);
    const dark = createTensor("float32", image.dims);
    const results = await runBatch(session, [{ image }, { image: dark }]);
    expect(results).toEqual([await session.run({ image }), await session.run({ image: dark })]);
    expect(await runBatch(session, [])).toEqual([]);
    await session.release();
  });

  test("of one that leaves it free goes in at once", async () => {
    const asked: number[][] = [];
    const session: Session = {
      inputNames: ["x"],
      outputNames: ["y"],
      inputs: [{ name: "x", type: "float32", dims: ["batch", 2] }],
      backend: "none",
      run: async ({ x }) => {
        asked.push([...x!.dims]);
        const twice = (x!.data as Float32Array).map((value) => 2 * value);
        return { y: createTensor("float32", x!.dims, twice) };
      },
      release: async () => {},
    };
    const feeds = [1, 2, 3].map((value) => ({
      x: createTensor("float32", [1, 2], Float32Array.of(value, -value)),
    }));
    const results = await runBatch(session, feeds);
    expect(asked).toEqual([[3, 2]]);
    expect(results.map(({ y }) => [y!.dims, Array.from(y!.data as Float32Array)])).toEqual([
      [
        [1, 2],
        [2, -2],
      ],
      [
        [1, 2],
        [4, -4],
      ],
      [
        [1, 2],
        [6, -6],
      ],
    ]);
    const wide = { x: createTensor("float32", [2, 1]) };
    await expect(runBatch(session, [wide])).rejects.toThrow("expected a first size of 1");
    const other = { x: createTensor("float32", [1, 3]) };
    await expect(runBatch(session, [feeds[0]!, other])).rejects.toThrow(
      'input "x" of 1: expected float32 [1,2] as in the first, got float32 [1,3]',
    );
  });
});

import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createTensor, isInferenceError, type Session } from "@headform/inference";
import { createBackend } from "@headform/inference/node";
import { build } from "esbuild";
import { afterEach, describe, expect, test, vi } from "vitest";

const fixture = (name: string): URL => new URL(`./fixtures/${name}`, import.meta.url);
const model = new Uint8Array(readFileSync(fixture("tiny.onnx")));
const reference = JSON.parse(readFileSync(fixture("tiny.json"), "utf8")) as {
  dims: number[];
  input: number[];
  output: number[];
};
const image = createTensor("float32", reference.dims, Float32Array.from(reference.input));

const codeOf = async (work: Promise<unknown>): Promise<string> => {
  const error = await work.catch((e: unknown) => e);
  return isInferenceError(error) ? error.code : `not an InferenceError: ${String(error)}`;
};

test("the native runtime keeps no record of its use", async () => {
  // Otherwise it writes a device id and events under ~/.cache/Microsoft when it is loaded.
  const home = mkdtempSync(join(tmpdir(), "headform-home-"));
  const environment = { PATH: process.env.PATH, HOME: home };
  const source = new URL("../src/node.ts", import.meta.url).href;
  const script = `import { createBackend } from ${JSON.stringify(source)};
    const backend = await createBackend({ prefer: "cpu" });
    await backend.createSession(new Uint8Array(${JSON.stringify([...model])}));`;
  const bundled = await build({
    stdin: { contents: script.replace("file://", ""), resolveDir: import.meta.dirname },
    bundle: true,
    write: false,
    format: "esm",
    platform: "node",
    external: ["onnxruntime-*"],
  });
  const file = join(import.meta.dirname, `.telemetry-${process.pid}.mjs`);
  writeFileSync(file, bundled.outputFiles[0]!.text);
  try {
    execFileSync(process.execPath, [file], { env: environment });
  } finally {
    rmSync(file);
  }
  expect(readdirSync(home)).toEqual([]);
});

describe.each(["cpu", "wasm"] as const)("the %s backend", (prefer) => {
  const open = async (): Promise<Session> =>
    (await createBackend({ prefer, threads: 1 })).createSession(model);

  test("computes what NumPy computes, from float16 weights", async () => {
    const session = await open();
    expect([session.inputNames, session.outputNames, session.backend]).toEqual([
      ["image"],
      ["planes"],
      prefer,
    ]);
    expect(session.inputs).toEqual([
      { name: "image", type: "float32", dims: [1, 3, "height", "width"] },
    ]);
    const { planes } = await session.run({ image });
    expect(planes!.dims).toEqual([1, 4, 6, 5]);
    expect(planes!.type).toBe("float32");
    const data = planes!.data as Float32Array;
    // float32 sums of 27 products of size 1, and a fast tanh: a few 1e-7; the promise is 1e-4.
    reference.output.forEach((expected, i) => {
      expect(Math.abs(data[i]! - expected)).toBeLessThan(2e-6);
    });
    await session.release();
  });

  test("takes concurrent runs in turn and reads inputs when asked, not later", async () => {
    const session = await open();
    const runs = await Promise.all([1, 2, 3].map(() => session.run({ image })));
    for (const { planes } of runs) expect(planes).toEqual(runs[0]!.planes);
    await session.release();
  });

  test("names the input that does not fit", async () => {
    const session = await open();
    expect(await codeOf(session.run({}))).toBe("input");
    expect(await codeOf(session.run({ image, extra: image }))).toBe("input");
    const wide = createTensor("float32", [1, 2, 6, 5]);
    await expect(session.run({ image: wide })).rejects.toThrow(
      'run: input "image": expected float32 [1,3,height,width], got float32 [1,2,6,5]',
    );
    expect(await codeOf(session.run({ image: createTensor("uint8", [1, 3, 6, 5]) }))).toBe("input");
    expect(await codeOf(session.run({ image: createTensor("float32", [3, 6, 5]) }))).toBe("input");
    await expect(session.run({ image: { ...image, dims: [1, 3, 6, 6] } })).rejects.toThrow(
      RangeError,
    );
    await session.release();
  });

  test("refuses bytes that are no network and keeps the cause", async () => {
    const backend = await createBackend({ prefer });
    for (const bytes of [new Uint8Array(0), model.slice(0, 200), new Uint8Array(50).fill(7)]) {
      const error = await backend.createSession(bytes).catch((e: unknown) => e);
      expect(isInferenceError(error) && error.code).toBe("model");
      expect((error as Error).cause).toBeDefined();
    }
  });

  test("refuses to run once released; releasing twice is harmless", async () => {
    const session = await open();
    const last = session.run({ image });
    await session.release();
    await session.release();
    expect((await last).planes!.dims).toEqual([1, 4, 6, 5]);
    expect(await codeOf(session.run({ image }))).toBe("released");
  });
});

test("native and WebAssembly agree within 1e-4", async () => {
  const outputs = await Promise.all(
    (["cpu", "wasm"] as const).map(async (prefer) => {
      const session = await (await createBackend({ prefer })).createSession(model);
      const { planes } = await session.run({ image });
      await session.release();
      return planes!.data as Float32Array;
    }),
  );
  outputs[0]!.forEach((value, i) => {
    expect(Math.abs(value - outputs[1]![i]!)).toBeLessThan(1e-4);
  });
});

describe("choosing", () => {
  afterEach(() => {
    vi.doUnmock("onnxruntime-node");
    vi.doUnmock("onnxruntime-web/wasm");
    vi.resetModules();
  });
  const missing = (name: string): void => {
    vi.doMock(name, () => {
      throw new Error(`Cannot find package '${name}'`);
    });
  };

  test("takes the native runtime first", async () => {
    const backend = await createBackend();
    expect([backend.name, backend.tried]).toEqual(["cpu", [{ name: "cpu", ok: true }]]);
  });

  test("falls back to WebAssembly, and says why", async () => {
    missing("onnxruntime-node");
    vi.resetModules();
    const fresh = await import("@headform/inference/node");
    const backend = await fresh.createBackend();
    expect(backend.name).toBe("wasm");
    expect(backend.tried.map(({ name, ok }) => [name, ok])).toEqual([
      ["cpu", false],
      ["wasm", true],
    ]);
    expect(backend.tried[0]!.reason).toBeTruthy();
    const session = await backend.createSession(model);
    expect((await session.run({ image })).planes!.dims).toEqual([1, 4, 6, 5]);
  });

  test("lists every reason when nothing starts", async () => {
    missing("onnxruntime-node");
    missing("onnxruntime-web/wasm");
    vi.resetModules();
    const fresh = await import("@headform/inference/node");
    const error = await fresh.createBackend().catch((e: unknown) => e);
    expect(isInferenceError(error) && error.code).toBe("backend");
    expect((error as Error).message).toMatch(/cpu: .*; wasm: .*install onnxruntime-node/s);
  });

  test("refuses odd options", async () => {
    await expect(createBackend({ threads: 0 })).rejects.toThrow(RangeError);
    await expect(createBackend({ threads: 1.5 })).rejects.toThrow(RangeError);
    await expect(createBackend({ prefer: "tpu" as "cpu" })).rejects.toThrow(RangeError);
  });
});

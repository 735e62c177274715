import { isFormatError } from "@headform/formats";
import {
  readSafetensors,
  type SafetensorsPart,
  type SafetensorsTensor,
  streamSafetensors,
  writeSafetensors,
} from "@headform/formats/safetensors";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { errorOf, fixture } from "../fixture.ts";
import { fileOf } from "./bytes.ts";

const file = new Uint8Array(fixture("numpy.safetensors"));

/** The file in pieces that end at the given places; `closed` is told when the reader lets go. */
async function* cut(
  bytes: Uint8Array,
  places: readonly number[],
  closed?: () => void,
): AsyncGenerator<Uint8Array> {
  try {
    let start = 0;
    for (const end of [...places].sort((a, b) => a - b)) {
      // A copy that is spoiled afterwards: tensors may not be views of chunks.
      const chunk = bytes.slice(start, end);
      yield chunk;
      chunk.fill(0xff);
      start = Math.max(start, end);
    }
    yield bytes.subarray(start);
  } finally {
    closed?.();
  }
}

async function all(chunks: Parameters<typeof streamSafetensors>[0]): Promise<SafetensorsPart[]> {
  const parts: SafetensorsPart[] = [];
  for await (const part of streamSafetensors(chunks)) parts.push(part);
  return parts;
}

function tensorsOf(parts: readonly SafetensorsPart[]): Map<string, SafetensorsTensor> {
  const out = new Map<string, SafetensorsTensor>();
  for (const part of parts) {
    if (part.kind === "tensor") {
      out.set(part.name, { dtype: part.dtype, shape: part.shape, data: part.data });
    }
  }
  return out;
}

describe("a stream gives what the whole file gives", () => {
  // A piece of the fixture's tensors: its tables of all halves make random cuts slow to compare.
  const small = writeSafetensors(
    new Map([...readSafetensors(file).tensors].filter(([, { data }]) => data.length < 10)),
    { unit: "m" },
  );
  const whole = readSafetensors(small);

  test("under random chunkings", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(small.length), { maxLength: 30 }), async (places) => {
        const parts = await all(cut(small, places));
        expect(parts[0]).toMatchObject({ kind: "header", metadata: { unit: "m" } });
        expect(tensorsOf(parts)).toEqual(whole.tensors);
      }),
      { seed: 41, numRuns: 200 },
    );
  });

  test.each([1, 7, 1000, 65_536, 1e9])("the fixture in chunks of %d bytes", async (size) => {
    const places = Array.from({ length: Math.floor(file.length / size) }, (_, i) => size * (i + 1));
    const parts = await all(cut(file, places));
    const { tensors, metadata } = readSafetensors(file);
    expect(parts[0]).toMatchObject({ kind: "header", metadata });
    const back = tensorsOf(parts);
    expect([...back.keys()]).toEqual([...tensors.keys()]);
    for (const [name, { data, dtype, shape }] of tensors) {
      const got = back.get(name)!;
      expect([got.dtype, got.shape]).toEqual([dtype, shape]);
      // As bytes, at once: NaN equals itself and 65,536 numbers are not compared one by one.
      const bytesOf = (a: typeof data) => Buffer.from(a.buffer, a.byteOffset, a.byteLength);
      expect(bytesOf(got.data).equals(bytesOf(data))).toBe(true);
    }
  });

  test("from a web stream, with and without its iterator", async () => {
    const blob = new Blob([Uint8Array.from(small)]);
    expect(tensorsOf(await all(blob.stream()))).toEqual(whole.tensors);
    const stream = blob.stream();
    expect(tensorsOf(await all({ getReader: () => stream.getReader() }))).toEqual(whole.tensors);
  });

  test("gaps are passed over, and tensors come in the order of their bytes", async () => {
    const header = {
      late: { dtype: "F32", shape: [1], data_offsets: [8, 12] },
      1: { dtype: "U8", shape: [2], data_offsets: [3, 5] },
      empty: { dtype: "F64", shape: [0], data_offsets: [7, 7] },
    };
    const bytes = fileOf(header, Uint8Array.of(0, 0, 0, 4, 5, 0, 0, 0, 0, 0, 128, 63, 9, 9));
    const parts = await all(cut(bytes, [9, bytes.length - 8]));
    expect([...tensorsOf(parts).keys()]).toEqual(["1", "empty", "late"]);
    expect(tensorsOf(parts)).toEqual(readSafetensors(bytes).tensors);
  });
});

test("a tensor is given before the next has come, and the source is closed behind the last", async () => {
  const tensor = (value: number): SafetensorsTensor => ({
    dtype: "U8",
    shape: [4],
    data: new Uint8Array(4).fill(value),
  });
  const bytes = writeSafetensors(new Map([1, 2, 3].map((i) => [`t${i}`, tensor(i)])));
  let sent = 0;
  let closed = 0;
  async function* slowly(): AsyncGenerator<Uint8Array> {
    try {
      for (; sent < bytes.length; sent++) yield bytes.subarray(sent, sent + 1);
    } finally {
      closed++;
    }
  }
  for await (const part of streamSafetensors(slowly())) {
    if (part.kind === "header") expect(sent).toBe(bytes.length - 12 - 1);
    else expect(sent).toBe(bytes.length - 12 + 4 * Number(part.data[0]) - 1);
  }
  expect([sent, closed]).toEqual([bytes.length - 1, 1]);
});

test("leaving the loop closes the source", async () => {
  let closed = 0;
  for await (const part of streamSafetensors(cut(file, [5000], () => closed++))) {
    if (part.kind === "header") break;
  }
  expect(closed).toBe(1);
  let cancelled = 0;
  const stream = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(file.slice()),
    cancel: () => {
      cancelled++;
    },
  });
  for await (const _ of streamSafetensors({ getReader: () => stream.getReader() })) break;
  expect(cancelled).toBe(1);
});

describe("refuses", () => {
  const entry = (shape: readonly number[], offsets: readonly number[]) => ({
    a: { dtype: "U8", shape, data_offsets: offsets },
  });
  const data = new Uint8Array(8);
  const cases: [string, Uint8Array][] = [
    ["no bytes", new Uint8Array(0)],
    ["seven bytes", new Uint8Array(7)],
    ["a header beyond the file", fileOf("{}").subarray(0, 9)],
    ["a header over 100 MB", Uint8Array.of(1, 0xe1, 0xf5, 5, 0, 0, 0, 0)],
    ["bad JSON", fileOf("{")],
    ["offsets the wrong way", fileOf(entry([0], [8, 0]), data)],
    ["offsets of another length", fileOf(entry([3], [0, 8]), data)],
    ["data beyond the file", fileOf(entry([9], [0, 9]), data)],
    ["nothing, beyond the file", fileOf(entry([0], [9, 9]), data)],
    ["a terabyte that is not there", fileOf(entry([2 ** 40], [0, 2 ** 40]), data)],
    [
      "an overlap",
      fileOf({ ...entry([5], [0, 5]), b: { dtype: "U8", shape: [4], data_offsets: [4, 8] } }, data),
    ],
  ];
  test.each(cases)("%s, as readSafetensors does, and closes the source", async (_, bytes) => {
    const wanted = errorOf(() => readSafetensors(bytes));
    let closed = 0;
    const error = await all(cut(bytes, [3, 11], () => closed++)).catch((e: unknown) => e);
    expect(isFormatError(error) && [error.message, error.offset]).toEqual([
      wanted.message,
      wanted.offset,
    ]);
    expect(closed).toBe(1);
  });

  test("a file that ends early, behind the tensors that are whole", async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(file.length - 1), async (length) => {
        const names: string[] = [];
        const error = await (async () => {
          for await (const part of streamSafetensors(cut(file.subarray(0, length), [100, 5000]))) {
            if (part.kind === "tensor") names.push(part.name);
          }
        })().catch((e: unknown) => e);
        expect(isFormatError(error)).toBe(true);
        expect([...readSafetensors(file).tensors.keys()].slice(0, names.length)).toEqual(names);
      }),
      { seed: 42, numRuns: 100 },
    );
  });

  test("what is no stream of bytes", async () => {
    const wrong = (chunks: unknown) => all(chunks as AsyncIterable<Uint8Array>);
    await expect(wrong({})).rejects.toThrow(TypeError);
    async function* texts(): AsyncGenerator<string> {
      yield "text";
    }
    await expect(wrong(texts())).rejects.toThrow(/expected chunks of Uint8Array, got string/);
  });
});
